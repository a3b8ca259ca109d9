import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tempDirectory } from '#tests/support/temp'
import { startRelay } from '../testing/process.ts'
import { bunPath, serveInBun } from '../testing/served-in-bun.ts'
import { framesSuite } from './frames.suite.ts'
import { serverSuite } from './server.suite.ts'

describe('the server for Bun', { timeout: 20_000 }, () => {
  serverSuite(serveInBun)
  framesSuite(serveInBun)

  test('says which port is taken', async () => {
    const relay = await serveInBun({})
    const { port } = new URL(relay.http)
    const folder = tempDirectory()
    const places = { RELAY_DB: join(folder, 'relay.db'), RELAY_KEY: join(folder, 'relay.key') }
    const second = startRelay({ ...places, RELAY_PORT: port }, [bunPath])
    expect((await second.line('relay.failed')).message).toContain(`port ${port} is taken`)
    expect(await second.ended).toBe(1)
    await relay.close()
  })
})
