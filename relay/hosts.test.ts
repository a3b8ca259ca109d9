import { describe, expect, test } from 'vitest'
import { hostsOf } from './hosts.ts'

describe('the names of a relay', () => {
  test.each([
    {
      says: 'on loopback',
      given: { urls: [], host: '127.0.0.1', port: 7777 },
      hosts: ['127.0.0.1:7777', 'localhost:7777', '[::1]:7777'],
    },
    { says: 'on one address', given: { urls: [], host: '192.0.2.7', port: 7777 }, hosts: ['192.0.2.7:7777'] },
    { says: 'without the usual port', given: { urls: [], host: '192.0.2.7', port: 80 }, hosts: ['192.0.2.7'] },
    {
      says: 'on one IPv6 address',
      given: { urls: [], host: '2001:db8::1', port: 7777 },
      hosts: ['[2001:db8::1]:7777'],
    },
    {
      says: 'with public names first',
      given: { urls: ['wss://Relay.example/', 'ws://b.example:8080', 'not a url'], host: '192.0.2.7', port: 1 },
      hosts: ['relay.example', 'b.example:8080', '192.0.2.7:1'],
    },
  ])('$says', ({ given, hosts }) => expect(hostsOf(given)).toEqual(hosts))
})
