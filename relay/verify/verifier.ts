import type { Verify } from '#nips/keys'

/** What a BIP-340 signature says: this key signed this event id. Lower-case hex of 32, 32 and 64 bytes. */
export type Claim = { readonly id: string; readonly pubkey: string; readonly sig: string }

/** Checks signatures, many at once and off the main thread where that is cheaper. */
export type Verifier = {
  /** The path it takes, for the log and `doctor`. */
  readonly name: string
  /** How many threads besides the caller's check. */
  readonly threads: number
  /** One answer for each claim, in their order; never a remembered one. */
  verify(claims: readonly Claim[]): Promise<readonly boolean[]>
  close(): Promise<void>
}

/** Checks on the caller's thread, one after the other. */
export const inlineVerifier = (name: string, verify: Verify): Verifier => ({
  name,
  threads: 0,
  verify: async (claims) => claims.map(({ id, pubkey, sig }) => verify(id, pubkey, sig)),
  close: async () => undefined,
})
