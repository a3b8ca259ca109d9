import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { collect } from './collect.ts'
import { readTexts, staleOf, writeAll } from './files.ts'
import { render } from './render.ts'

const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true })
const [directory = fileURLToPath(new URL('../', import.meta.url))] = positionals

const documents = render(await collect(), await readTexts(directory))
const stale = await staleOf(documents, directory)

if (values.check && stale.length > 0) {
  console.error(`Not up to date: ${stale.join(', ')}. Run "npm run docs".`)
  process.exitCode = 1
} else if (!values.check) {
  await writeAll(documents, directory)
  for (const path of stale) console.log(`wrote ${path}`)
}
