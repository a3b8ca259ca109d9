import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CellSpec } from '../driver.ts'

export type Directories = { home: string; sockets: string; runtime: string }

/** Makes the directories of one cell, with the fake gateway as what is installed. */
export function fakeDirectories(base: string, name: string): Directories {
  const directories = { home: join(base, name), sockets: join(base, `${name}-s`), runtime: join(base, 'runtime') }
  for (const path of [join(directories.home, 'tmp'), directories.sockets, directories.runtime])
    mkdirSync(path, { recursive: true })
  copyFileSync(fileURLToPath(new URL('./fake-gateway.mjs', import.meta.url)), join(directories.runtime, 'gateway.mjs'))
  return directories
}

type Extra = { mode?: string; env?: Record<string, string>; files?: Record<string, string>; command?: string }

export const fakeSpec = (directories: Directories, extra: Extra = {}): CellSpec => ({
  id: 'test',
  ...directories,
  order: (inside) => ({
    command: extra.command ?? inside.node,
    args: [join(inside.runtime, 'gateway.mjs'), '{{gatewayPort}}', '{{modelPort}}', extra.mode ?? ''],
    env: extra.env ?? {},
    cwd: inside.home,
    log: join(inside.home, 'gateway.log'),
    files: Object.fromEntries(Object.entries(extra.files ?? {}).map(([name, text]) => [join(inside.home, name), text])),
  }),
})
