import { BlockList, isIP } from 'node:net'

/** Whether an IP address is one of some networks. */
export type Networks = (address: string) => boolean

/** Reads addresses and CIDRs, for example `10.0.0.0/8`, `::1`. Throws an Error that names the one it cannot read. */
export function networksOf(cidrs: readonly string[]): Networks {
  const networks = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', prefix, ...more] = cidr.split('/')
    const most = isIP(address) === 6 ? 128 : 32
    const bits = prefix === undefined ? most : Number(prefix)
    if (isIP(address) === 0 || more.length > 0 || prefix === '' || !Number.isInteger(bits) || bits < 0 || bits > most)
      throw new Error(`is not an address or CIDR: ${cidr}`)
    networks.addSubnet(address, bits, familyOf(address))
  }
  return (address) => {
    const plain = plainOf(address)
    return isIP(plain) !== 0 && networks.check(plain, familyOf(plain))
  }
}

/**
 * Whom an address is counted as: an IPv4 address as itself, an IPv6 one as its /64, of which one client has
 * as many addresses as it wants.
 */
export function networkOf(address: string): string {
  const plain = plainOf(address)
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

/** Without a zone, and IPv4 as such where a socket shows it as IPv6. */
function plainOf(address: string): string {
  const [bare = ''] = address.split('%')
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
