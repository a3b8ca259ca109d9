import { describe, expect, test } from 'vitest'
import { serveRelay } from '../testing/served.ts'
import { framesSuite } from './frames.suite.ts'
import { type Start, serverSuite } from './server.suite.ts'

describe('the server for Node', { timeout: 20_000 }, () => {
  const start: Start = (env) => serveRelay({ env, verify: () => true })
  serverSuite(start)
  framesSuite(start)

  test('ends a connection whose message comes in too many pieces', async () => {
    const relay = await serveRelay()
    const client = await relay.client()
    for (let piece = 0; piece < 100; piece++) client.socket.send(' ', { fin: false })
    expect(await client.ended).toBe(1008)
    await relay.close()
  })
})
