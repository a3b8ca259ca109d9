import { describe, expect, test } from 'vitest'
import { networkOf } from '../address.ts'
import { networksOf } from './networks.ts'

test.each([
  { address: '1.2.3.4', network: '1.2.3.4' },
  { address: '::ffff:1.2.3.4', network: '1.2.3.4' },
  { address: '2001:db8:1:2:3:4:5:6', network: '2001:db8:1:2' },
  { address: '2001:0DB8:0001:0002::1', network: '2001:db8:1:2' },
  { address: '2001:db8::1', network: '2001:db8:0:0' },
  { address: '::1', network: '0:0:0:0' },
  { address: 'fe80::1%eth0', network: 'fe80:0:0:0' },
  { address: '', network: '' },
  { address: 'unix', network: 'unix' },
])('$address is counted as $network', ({ address, network }) => {
  expect(networkOf(address)).toBe(network)
})

describe('networks', () => {
  const networks = networksOf(['127.0.0.0/8', '::1', '10.1.2.3', '2001:db8::/32'])
  test.each([
    { address: '127.0.0.1', isIn: true },
    { address: '127.255.0.9', isIn: true },
    { address: '::ffff:127.0.0.1', isIn: true },
    { address: '128.0.0.1', isIn: false },
    { address: '::1', isIn: true },
    { address: '::2', isIn: false },
    { address: '10.1.2.3', isIn: true },
    { address: '10.1.2.4', isIn: false },
    { address: '2001:db8:ffff::1', isIn: true },
    { address: '2001:db9::1', isIn: false },
    { address: '', isIn: false },
    { address: 'nonsense', isIn: false },
  ])('$address is one of them: $isIn', ({ address, isIn }) => {
    expect(networks(address)).toBe(isIn)
  })

  test.each(['x', '1.2.3.4/33', '::1/129', '1.2.3.4/', '1.2.3.4/-1', '1.2.3.4/1.5', '1.2.3.4/8/8', '1.2.3', ''])(
    '%j is refused by name',
    (cidr) => {
      expect(() => networksOf(['127.0.0.1', cidr])).toThrow(`is not an address or CIDR: ${cidr}`)
    },
  )

  test('may be none', () => {
    expect(networksOf([])('127.0.0.1')).toBe(false)
  })
})
