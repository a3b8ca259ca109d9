import { describe, expect, test } from 'vitest'
import { serveRelay } from '../testing/served.ts'
import { serverSuite } from './server.suite.ts'

describe('the server for Node', () => {
  serverSuite((env) => serveRelay({ env, verify: () => true }))

  test('ends a connection whose message comes in too many pieces', async () => {
    const relay = await serveRelay()
    const client = await relay.client()
    for (let piece = 0; piece < 100; piece++) client.socket.send(' ', { fin: false })
    expect(await client.ended).toBe(1008)
    await relay.close()
  })
})
