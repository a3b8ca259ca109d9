import { expect, test } from 'vitest'
import { relayRuntime } from './runtime.ts'

const here = { root: '/app', node: '/usr/bin/node' }
const bun = { name: 'bun', command: '/app/node_modules/.bin/bun', args: ['--no-env-file'] }
const node = { name: 'node', command: '/usr/bin/node', args: [] }

test.each([
  {
    says: 'the relay runs on Bun where it works',
    wanted: 'auto',
    works: true,
    runtime: { ...bun, fallback: here.node },
  },
  { says: 'and on Node where it does not', wanted: 'auto', works: false, runtime: node },
  { says: 'Bun can be asked for', wanted: 'bun', works: true, runtime: bun },
  { says: 'and so can Node', wanted: 'node', works: true, runtime: node },
] as const)('$says', async ({ wanted, works, runtime }) => {
  expect(await relayRuntime(wanted, { ...here, answers: async () => works })).toEqual(runtime)
})

test('whoever asks for Bun where there is none is told so', async () => {
  await expect(relayRuntime('bun', here)).rejects.toThrow('RELAY_RUNTIME is bun')
})
