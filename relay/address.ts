import { isIP } from 'node:net'

/** One spelling for an IP address: lower case, and version 4 where it only stands in version 6's clothes. */
export const plainAddress = (address: string): string =>
  address
    .trim()
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '')

/** The same without the zone of a link-local address. */
export const bareAddress = (address: string): string => plainAddress(address.split('%')[0] ?? '')

/**
 * Whom an address is counted as: an IPv4 address as itself, an IPv6 one as its /64, of which one client has
 * as many addresses as it wants.
 */
export function networkOf(address: string): string {
  const plain = bareAddress(address)
  if (isIP(plain) !== 6) return plain
  const [head = '', tail] = plain.split('::')
  const [front, back] = [partsOf(head), partsOf(tail ?? '')]
  const zeros = Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0')
  return [...front, ...zeros, ...back]
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':')
}

const partsOf = (text: string): string[] => (text === '' ? [] : text.split(':'))
