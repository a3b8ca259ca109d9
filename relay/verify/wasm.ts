import { type Check, ORDER } from './claims.ts'
import { checkWithNoble } from './noble.ts'

/** libsecp256k1 compiled to WebAssembly: for systems that `secp256k1` brings no binary for. */
export const wasm = {
  name: 'wasm',
  load: async (): Promise<Check> => {
    const { verifySchnorr } = await import('tiny-secp256k1')
    const [id, pubkey, sig] = [Buffer.alloc(32), Buffer.alloc(32), Buffer.alloc(64)]
    return (slab, at) => {
      slab.copy(sig, 0, at, at + 32)
      slab.copy(pubkey, 0, at + 32, at + 64)
      slab.copy(id, 0, at + 64, at + 96)
      slab.copy(sig, 32, at + 96, at + 128)
      if (ORDER.compare(slab, at + 96, at + 128) <= 0) return false
      try {
        return verifySchnorr(id, pubkey, sig)
      } catch {
        // It takes an R.x between n and p for no signature, as ECDSA would.
        return checkWithNoble(slab, at)
      }
    }
  },
}
