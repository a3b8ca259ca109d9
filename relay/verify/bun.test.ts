import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { judgedClaims } from '../testing/claims.ts'
import { vectors } from './vectors.ts'
import type { Claim } from './verifier.ts'

const bun = fileURLToPath(new URL('../../node_modules/.bin/bun', import.meta.url))
const program = fileURLToPath(new URL('../testing/verify-program.ts', import.meta.url))

/** The answers that Bun gives by each path it has, and by threads. */
const verifyInBun = (claims: readonly Claim[]): Promise<Record<string, boolean[]>> =>
  new Promise((resolve, reject) => {
    const child = execFile(bun, [program], (error, stdout) => (error ? reject(error) : resolve(JSON.parse(stdout))))
    child.stdin?.end(JSON.stringify(claims))
  })

test('in Bun every path answers as the oracle does in Node', { timeout: 60_000 }, async () => {
  const judged = judgedClaims(30)
  const claims = [...judged.map(({ claim }) => claim), ...vectors]
  const right = [...judged.map(({ holds }) => holds), ...vectors.map(({ valid }) => valid)]
  const answers = await verifyInBun(claims)
  expect(Object.keys(answers)).toEqual(expect.arrayContaining(['wasm', 'noble', 'threads']))
  for (const [path, given] of Object.entries(answers)) expect({ path, given }).toEqual({ path, given: right })
})
