import type { Verify } from './keys.ts'

/** Signatures that are remembered; then the memory starts over. */
const REMEMBERED = 5000

/**
 * A verifier that asks `verify` about each valid signature once: after a reconnection most events come again.
 * The id binds the content, so it may be trusted wherever the id was computed from the event.
 */
export function verifyOnce(verify: Verify): Verify {
  const verified = new Set<string>()
  return (id, pubkey, sig) => {
    const name = `${id}${pubkey}${sig}`
    if (verified.has(name)) return true
    if (!verify(id, pubkey, sig)) return false
    if (verified.size >= REMEMBERED) verified.clear()
    verified.add(name)
    return true
  }
}
