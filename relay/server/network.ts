import { bareAddress, networkOf } from '../address.ts'

/** Whom a connection is counted as, by its network; `undefined` for this machine itself, which is not counted. */
export function visitorOf(address: string): string | undefined {
  const bare = bareAddress(address)
  return bare === '' || bare === '::1' || bare.startsWith('127.') ? undefined : networkOf(bare)
}
