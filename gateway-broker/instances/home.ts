import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where one instance's own files and its two sockets are on the host. */
export type Home = { home: string; sockets: string }

/** Socket paths may have about 100 bytes, so sockets live under a short directory of their own. */
export const homeOf = (roots: { instances: string; sockets: string }, id: string): Home => ({
  home: join(roots.instances, id),
  sockets: join(roots.sockets, id),
})

/** Makes what is missing; what is there stays. */
export async function makeHome({ home, sockets }: Home): Promise<void> {
  for (const name of ['state', 'workspace', 'tmp']) await mkdir(join(home, name), { recursive: true, mode: 0o700 })
  await writeFile(join(home, 'passwd'), 'openclaw:x:1000:1000:OpenClaw:/home/openclaw:/bin/sh\n')
  await mkdir(sockets, { recursive: true, mode: 0o700 })
}

/** Erases everything an instance has on disk. */
export async function eraseHome({ home, sockets }: Home): Promise<void> {
  await rm(sockets, { recursive: true, force: true })
  await rm(home, { recursive: true, force: true })
}
