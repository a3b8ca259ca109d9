import type { Log } from '#nips/kit/log'
import { type Check, CLAIM, writeClaims } from './claims.ts'
import { native } from './native.ts'
import { noble } from './noble.ts'
import { recover } from './recover.ts'
import { vectors } from './vectors.ts'
import type { Claim } from './verifier.ts'
import { wasm } from './wasm.ts'

/** A way to check signatures. `load` rejects where this machine has not got it. */
type Path = { readonly name: string; load(): Promise<Check> }

/** Fastest first. The last one is there everywhere. */
export const paths = [native, recover, wasm, noble] as const satisfies readonly Path[]

export type PathName = (typeof paths)[number]['name']
/** A path that is here and gave the right answer to every vector. */
export type OpenPath = { readonly name: PathName; readonly check: Check }

/** Checks claims on the caller's thread, one after the other. */
export function checkAll(check: Check, claims: readonly Claim[]): boolean[] {
  const slab = Buffer.alloc(claims.length * CLAIM)
  writeClaims(slab, claims)
  return claims.map((_, index) => check(slab, index * CLAIM))
}

/** BIP-340's vectors this answers wrongly, in words. */
export const mistakesOf = (check: Check): string[] => {
  const answers = checkAll(check, vectors)
  return vectors.filter(({ valid }, index) => answers[index] !== valid).map(({ says }) => says)
}

/** The fastest path that is here and knows BIP-340's vectors; one that is here and does not is passed over. */
export async function openFastest(log: Log, among: readonly Path[] = paths): Promise<OpenPath> {
  for (const path of among) {
    const check = await path.load().catch(() => undefined)
    if (check === undefined) continue
    const mistakes = mistakesOf(check)
    if (mistakes.length === 0) return { name: path.name as PathName, check }
    log('verify.passed-over', { path: path.name, mistakes })
  }
  throw new Error('no path checks signatures as BIP-340 has it')
}

/** This path, or nothing where it is not here or not right. */
export async function openPath(name: PathName): Promise<OpenPath> {
  const ignore: Log = () => undefined
  return openFastest(
    ignore,
    paths.filter((path) => path.name === name),
  )
}
