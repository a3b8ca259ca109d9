import { cpus, loadavg } from 'node:os'
import { setup } from '../support/installed.ts'
import { requester } from '../support/requester.ts'
import { startSystem } from '../support/system.ts'
import { bundleFigures } from './bundle.ts'
import { cloneFigures } from './clone.ts'
import { table } from './figures.ts'
import { overheadFigures } from './gateway.ts'
import { roundTripFigures } from './jobs.ts'
import { memoryFigures } from './memory.ts'
import { pressFigures } from './press.ts'

/** `npm run bench`, or with names of parts: press chain bundle clone. */
const wanted = process.argv.slice(2)
const wants = (part: string): boolean => wanted.length === 0 || wanted.includes(part)

console.log(
  `${cpus().length} cores, load ${loadavg()[0]?.toFixed(2)}, Node ${process.versions.node}, built-in offline model, real OpenClaw`,
)
await setup()
if (wants('press')) console.log(table('Press to first token', await pressFigures()))
if (wants('chain')) await chain()
if (wants('bundle')) console.log(table('Page', bundleFigures()))
if (wants('clone')) console.log(table('From a clone', await cloneFigures()))
process.exit(0)

/** Everything that one running gateway is enough for. */
async function chain(): Promise<void> {
  const system = await startSystem()
  const owner = requester(system)
  const instance = await owner.provision()
  console.log(table('Chat', await overheadFigures(system, owner, instance)))
  console.log(table('Job round trip', await roundTripFigures(owner, instance)))
  console.log(table('Memory', memoryFigures(system)))
  owner.close()
  await system.stop()
}
