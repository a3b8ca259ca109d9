const MAPPED = /^::ffff:(?=\d+\.)/i

/**
 * What counts as one visitor: an IPv4 address, or the 64 bits of an IPv6 address that a provider gives to one customer.
 * `undefined` for this machine itself, which is not counted.
 */
export function networkOf(address: string): string | undefined {
  const plain = address.replace(MAPPED, '')
  if (plain === '' || plain === '::1' || plain.startsWith('127.')) return undefined
  return plain.includes(':') ? prefixOf(plain) : plain
}

/** The first four groups of an IPv6 address, without leading zeros. */
function prefixOf(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::')
  const groups = groupsOf(head)
  const missing = tail === undefined ? 0 : 8 - groups.length - groupsOf(tail).length
  const all = [...groups, ...Array.from({ length: Math.max(missing, 0) }, () => '0'), ...groupsOf(tail ?? '')]
  return all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
}

const groupsOf = (text: string): string[] => (text === '' ? [] : text.split(':'))
