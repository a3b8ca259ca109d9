import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '#tests/support/installed'
import { type System, startSystem } from '#tests/support/system'
import { until } from '#tests/support/wait'

const run = promisify(execFile)
let system: System

beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.stop())

describe('an agent of twenty lines from outside', () => {
  test.each(['with-nostr-tools.mjs', 'with-ndk.mjs'])(
    '%s gets a gateway, chats, prints the stream and deletes it',
    async (file) => {
      const { stdout } = await run(process.execPath, [join(root, 'skill/examples', file), system.url], {
        timeout: 120_000,
      })
      const [streamed = '', answer = '', deleted = ''] = stdout.split('\n=> ')
      const { text } = JSON.parse(answer) as { text: string }
      expect(streamed.trim()).toBe(text.trim())
      expect(text).toContain('Offline model: built-in answers; no AI provider is configured.')
      expect(JSON.parse(deleted)).toMatchObject({ existed: true })
      await until('no gateway process is left', () => !system.processes().some((args) => args.includes('openclaw')))
    },
  )
})
