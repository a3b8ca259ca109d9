import { BlockList, isIP } from 'node:net'
import { bareAddress } from '../address.ts'

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
    const plain = bareAddress(address)
    return isIP(plain) !== 0 && networks.check(plain, familyOf(plain))
  }
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
