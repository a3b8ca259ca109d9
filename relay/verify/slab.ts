import { CLAIM } from './claims.ts'
import type { PathName } from './paths.ts'

/** Most claims of one slab: a few milliseconds of work. */
export const SLAB = 64

/** What a verdict's byte says; 0 is none yet. */
export const GOOD = 1
export const BAD = 2

/** What a thread is started with. */
export type ThreadData = { readonly path: PathName; readonly slabs: readonly SharedArrayBuffer[] }
/** The claims at the start of a slab, to be checked. */
export type Task = { readonly lane: number; readonly count: number }

/** Memory that two threads see: SLAB claims, then a byte of verdict for each. */
export const newSlab = (): SharedArrayBuffer => new SharedArrayBuffer(SLAB * (CLAIM + 1))

export const verdictsOf = (slab: SharedArrayBuffer): Uint8Array => new Uint8Array(slab, SLAB * CLAIM, SLAB)
