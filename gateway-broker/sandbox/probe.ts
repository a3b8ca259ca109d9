import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Confinement } from './confinement.ts'
import { type Guarantee, guarantees, type Probe } from './driver.ts'

const run = promisify(execFile)

/** Milliseconds a sandbox has to start one small program. */
const PATIENCE = 10_000

/** Runs a hostile little program in the confinement and reports what it could not do. */
export async function probeConfinement(confinement: Confinement, program: string): Promise<Probe> {
  const base = await mkdtemp(join(tmpdir(), 'oa-probe-'))
  const listener = createServer((socket) => socket.destroy())
  try {
    const port = await new Promise<number>((resolve, reject) => {
      listener.once('error', reject)
      listener.listen(0, '127.0.0.1', () => resolve((listener.address() as { port: number }).port))
    })
    const spec = await stage(base)
    const argv = [
      confinement.inside(spec).node,
      program,
      join(base, 'secret'),
      join(base, 'neighbour', 'secret'),
      String(port),
      String(process.pid),
    ]
    const { command, args } = confinement.wrap(spec, argv)
    const { stdout } = await run(command, args, { timeout: PATIENCE, env: { PATH: confinement.path } })
    const held = JSON.parse(stdout) as string[]
    return { works: true, keeps: new Set(held.filter((name): name is Guarantee => Object.hasOwn(guarantees, name))) }
  } catch (error) {
    return { works: false, reason: firstLine(error) }
  } finally {
    listener.close()
    await rm(base, { recursive: true, force: true })
  }
}

/** An instance that exists only for the probe, a neighbour of it, and a secret beside both. */
async function stage(base: string) {
  const spec = { id: 'probe', home: join(base, 'own'), sockets: join(base, 'sockets'), runtime: join(base, 'runtime') }
  for (const path of [join(spec.home, 'tmp'), spec.sockets, spec.runtime, join(base, 'neighbour')])
    await mkdir(path, { recursive: true })
  await writeFile(join(base, 'secret'), 'secret')
  await writeFile(join(base, 'neighbour', 'secret'), 'secret')
  return { ...spec, order: () => ({ command: '', args: [], env: {}, cwd: '', log: '', files: {} }) }
}

function firstLine(error: unknown): string {
  const { stderr, message, code } = error as { stderr?: string; message?: string; code?: string }
  if (code === 'ENOENT') return 'it is not installed'
  return (stderr?.trim() || message || 'it failed').split('\n')[0] ?? 'it failed'
}
