import { expect, test } from 'vitest'
import { visitorOf } from './network.ts'

test.each([
  { says: 'an IPv4 address is one', address: '203.0.113.7', network: '203.0.113.7' },
  { says: 'IPv4 in IPv6 is the same', address: '::ffff:203.0.113.7', network: '203.0.113.7' },
  { says: 'IPv6 is told apart by its first half', address: '2001:db8:1:2:3:4:5:6', network: '2001:db8:1:2' },
  { says: 'a gap stands for zeros', address: '2001:db8::1', network: '2001:db8:0:0' },
  { says: 'leading zeros and capitals change nothing', address: '2001:0DB8:0000:0000:9::', network: '2001:db8:0:0' },
  { says: 'the loopback address is nobody', address: '127.0.0.1', network: undefined },
  { says: 'nor is its IPv6 form', address: '::1', network: undefined },
  { says: 'nor its mapped form', address: '::ffff:127.0.0.1', network: undefined },
  { says: 'nor an address that is not known', address: '', network: undefined },
])('$says', ({ address, network }) => expect(visitorOf(address)).toBe(network))
