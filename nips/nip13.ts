import type { NostrEvent } from './keys.ts'

/** NIP-13: how many bits of an id are 0 before the first that is not. */
export function leadingZeroBits(id: string): number {
  const at = id.search(/[^0]/)
  return at < 0 ? id.length * 4 : at * 4 + Math.clz32(Number.parseInt(id.charAt(at), 16)) - 28
}

/**
 * The work an event proves: its zero bits, but not more than it says it aimed for, so that who makes many cheap ones
 * gains nothing from the lucky ones. Without a target there is no proof.
 */
export function workOf({ id, tags }: Pick<NostrEvent, 'id' | 'tags'>): number {
  const target = tags.find(([name]) => name === 'nonce')?.[2]
  return target !== undefined && /^\d{1,3}$/.test(target) ? Math.min(leadingZeroBits(id), Number(target)) : 0
}
