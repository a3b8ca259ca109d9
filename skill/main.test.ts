import { execFile } from 'node:child_process'
import { appendFile, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { PROFILE } from './render.ts'

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const directory = await mkdtemp(join(tmpdir(), 'skill-'))
await mkdir(join(directory, 'nips'))
await copyFile(file(`../${PROFILE}`), join(directory, PROFILE))
afterAll(() => rm(directory, { recursive: true }))

const run = (...args: string[]) =>
  new Promise<{ code: number; said: string }>((resolve) => {
    execFile(process.execPath, [file('./main.ts'), ...args, directory], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    )
  })

test('a check passes after writing, and fails with the names of what is stale or missing', {
  timeout: 30_000,
}, async () => {
  expect(await run()).toEqual({ code: 0, said: 'wrote SKILL.md\nwrote docs/settings.md\nwrote .env.example\n' })
  expect(await run('--check')).toEqual({ code: 0, said: '' })
  await appendFile(join(directory, 'SKILL.md'), 'by hand\n')
  await rm(join(directory, '.env.example'))
  expect(await run('--check')).toEqual({
    code: 1,
    said: 'Not up to date: SKILL.md, .env.example. Run "npm run docs".\n',
  })
})
