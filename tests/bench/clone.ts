import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Discovery } from '#nips/discovery'
import { root } from '../support/installed.ts'
import { requester } from '../support/requester.ts'
import { freePort } from '../support/system.ts'
import { until } from '../support/wait.ts'
import { type Figure, seconds } from './figures.ts'

/** From `git clone` to the first page and to the first token, by `npm start` as the README says, with the system's own Node. */
export async function cloneFigures(): Promise<Figure[]> {
  const base = mkdtempSync(join(tmpdir(), 'oa-clone-'))
  const cold = await clone(base, 'cold', join(base, 'home'))
  const warm = await clone(base, 'warm', join(base, 'home'))
  rmSync(base, { recursive: true, force: true })
  return [
    { name: 'clone to first page, empty caches', value: seconds(cold.page) },
    { name: 'clone to first token, empty caches', value: seconds(cold.token) },
    { name: 'clone to first page, warm caches', value: seconds(warm.page) },
    { name: 'clone to first token, warm caches', value: seconds(warm.token) },
  ]
}

async function clone(base: string, name: string, home: string): Promise<{ page: number; token: number }> {
  const directory = join(base, name)
  const port = await freePort()
  const url = `http://localhost:${port}`
  const started = performance.now()
  execFileSync('git', ['clone', '--quiet', root, directory])
  const path = (process.env.PATH ?? '')
    .split(':')
    .filter((entry) => !entry.includes('node_modules'))
    .join(':')
  const child = spawn('npm', ['start'], {
    cwd: directory,
    detached: true,
    stdio: 'ignore',
    env: { PATH: path, HOME: home, PORT: String(port), MODEL_PROVIDER: 'offline' },
  })
  const alive = (address: string) =>
    fetch(address).then(
      (response) => response.ok,
      () => false,
    )
  await until('the page', () => alive(url), 300_000)
  const page = performance.now() - started
  const discovery = (await (await fetch(`${url}/.well-known/openagents.json`)).json()) as Discovery
  const owner = requester({ relay: discovery.relay, discovery })
  const instance = await owner.provision()
  const intro = await owner.say(instance, 'Introduce yourself in one sentence.')
  await until('the first token', () => intro.state().text !== '', 60_000)
  const token = performance.now() - started
  owner.close()
  if (child.pid) process.kill(-child.pid, 'SIGTERM')
  await until('it has stopped', async () => !(await alive(url)), 30_000)
  return { page, token }
}
