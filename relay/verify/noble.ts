import { verifySchnorr } from '#nips/keys'
import type { Check } from './claims.ts'

/** The oracle: JavaScript, everywhere, slow. Every other path is compared with it, and asks it where it is not sure. */
export const checkWithNoble: Check = (slab, at) => {
  const hex = (from: number, to: number): string => slab.toString('hex', at + from, at + to)
  return verifySchnorr(hex(64, 96), hex(32, 64), hex(0, 32) + hex(96, 128))
}

export const noble = { name: 'noble', load: async (): Promise<Check> => checkWithNoble }
