/** Starts one cell and then waits to be killed: arguments are the driver's name and the cell's directories as JSON. */
import { drivers } from '../index.ts'
import { fakeSpec } from './fake-spec.ts'

const [name = '', directories = '{}', path = ''] = process.argv.slice(2)
const driver = drivers({ node: process.execPath, path }).find((candidate) => candidate.name === name)
await driver?.start(fakeSpec(JSON.parse(directories)))
process.stdout.write('started\n')
await new Promise(() => undefined)
