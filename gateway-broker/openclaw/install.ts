import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import type { Install } from './runtime.ts'

const manifest = (name: string): string => fileURLToPath(new URL(`./manifest/${name}`, import.meta.url))

/** Bytes that have to be free: OpenClaw takes 650 MB, its download as much again while it is unpacked. */
const NEEDED = 1_400_000_000
const LOOK_EVERY = 300

/** The pinned version, from our own manifest. */
export async function pinnedVersion(): Promise<string> {
  const { dependencies } = JSON.parse(await readFile(manifest('package.json'), 'utf8')) as {
    dependencies: { openclaw: string }
  }
  return dependencies.openclaw
}

export const isInstalled = (directory: string): boolean =>
  existsSync(join(directory, 'node_modules/openclaw/openclaw.mjs'))

export type InstallDeps = {
  directory: string
  bun: string
  node: string
  /** The environment it runs in; only what finds tools, the network and caches is handed on. */
  env: Record<string, string | undefined>
  clock: Clock
}

/** Registry, proxy, certificates and caches are the machine's own matter; keys and tokens stay behind. */
const passes =
  /^(PATH|HOME|TMPDIR|npm_config_registry|BUN_(CONFIG|INSTALL)_\w+|(HTTPS?|NO)_PROXY|(https?|no)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+)$/

const handedOn = (env: InstallDeps['env']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value !== undefined && passes.test(name) ? [[name, value]] : [])),
  )

/**
 * Installs from our lock file with Bun, without running any package's scripts, beside the target; then one rename
 * makes it visible, so that a half installation is never taken for a whole one.
 */
export function bunInstall({ directory, bun, node, env, clock }: InstallDeps): Install {
  return async (onProgress) => {
    const partial = `${directory}.partial`
    await mkdir(dirname(directory), { recursive: true })
    await requireSpace(dirname(directory))
    await rm(partial, { recursive: true, force: true })
    await mkdir(partial)
    for (const name of ['package.json', 'bun.lock']) await copyFile(manifest(name), join(partial, name))
    const packages = await packageCount()
    const stop = clock.every(LOOK_EVERY, () => {
      void countPackages(join(partial, 'node_modules')).then((found) => onProgress(Math.min(0.99, found / packages)))
    })
    try {
      const args = ['install', '--frozen-lockfile', '--ignore-scripts', '--no-progress', '--cwd', partial]
      await run(bun, args, handedOn(env))
    } finally {
      stop()
    }
    await complete(partial, node)
    await rename(partial, directory)
  }
}

async function requireSpace(directory: string): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  const free = bavail * bsize
  if (free < NEEDED)
    throw new Fault('unavailable', `${Math.round(free / 1e6)} MB are free, OpenClaw needs ${NEEDED / 1e6} MB`)
}

/** How many packages the lock file puts at the top of node_modules: those whose key is their own name. */
async function packageCount(): Promise<number> {
  const lock = await readFile(manifest('bun.lock'), 'utf8')
  return [...lock.matchAll(/^ {4}"([^"]+)": \["\1@/gm)].length
}

/** Package folders, `@scope/name` counted one by one. */
async function countPackages(modules: string): Promise<number> {
  const names = await readdir(modules).catch(() => [])
  const scopes = names.filter((name) => name.startsWith('@'))
  const scoped = await Promise.all(scopes.map((scope) => readdir(join(modules, scope)).catch(() => [])))
  return names.length - scopes.length + scoped.flat().length
}

function run(command: string, args: string[], env: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
    const said: string[] = []
    child.stderr.on('data', (chunk) => said.push(String(chunk)))
    child.once('error', (error) => reject(new Fault('unavailable', `the installer did not start: ${error.message}`)))
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Fault('unavailable', explain(said.join(''))))))
  })
}

/**
 * OpenClaw finishes its own installation when it first runs; that has to happen while its files may be written.
 * It also shows that what was installed runs at all.
 */
async function complete(partial: string, node: string): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'oa-install-'))
  try {
    await run(node, [join(partial, 'node_modules/openclaw/openclaw.mjs'), '--version'], { HOME: home, TMPDIR: home })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** Bun's last words in ours; whatever names the network is the network. */
function explain(said: string): string {
  const offline =
    /ConnectionRefused|FailedToOpenSocket|DNS|ENOTFOUND|getaddrinfo|ConnectionClosed|Timeout|NetworkUnreachable/i.test(
      said,
    )
  if (offline) return 'it could not be downloaded. Check the network; it is tried again by itself'
  const line = said
    .split('\n')
    .map((text) => text.trim())
    .findLast((text) => text.startsWith('error'))
  return line ?? 'the installer failed; it is tried again by itself'
}
