import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Discovery } from '#nips/discovery'
import { openclawDirectory, root } from './installed.ts'
import { until } from './wait.ts'

type Program = 'relay' | 'broker' | 'worker'

/** The whole of OpenAgents as `npm start` runs it, on a port and in a data directory of its own. */
export type System = {
  url: string
  relay: string
  data: string
  discovery: Discovery
  /** Everything it printed. */
  screen: () => string
  /** The process id of a program at this moment. */
  pid: (program: Program) => number
  /** Process ids of everything that belongs to it, gateways included. */
  pids: () => number[]
  /** Kills a program as a crash would. */
  kill: (program: Program) => void
  /** Command lines of every process that belongs to it, gateways included. */
  processes: () => string[]
  stop: () => Promise<void>
}

const scripts: Record<Program, string> = {
  relay: 'relay/main.ts',
  broker: 'gateway-broker/main.ts',
  worker: 'dvm-workers/main.ts',
}

/** Starts it and waits until its screen is printed. Without `env` the offline model answers. */
export async function startSystem(env: Record<string, string> = {}): Promise<System> {
  const data = mkdtempSync(join(tmpdir(), 'oa-e-'))
  const port = await freePort()
  const child = spawn(process.execPath, [join(root, 'gateway-broker/supervisor/main.ts')], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: String(port),
      DATA_DIR: data,
      OPENCLAW_DIR: openclawDirectory,
      MODEL_PROVIDER: 'offline',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  let ended = false
  child.stdout.on('data', (chunk) => {
    printed += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    printed += String(chunk)
  })
  child.once('close', () => {
    ended = true
  })
  const url = `http://localhost:${port}`
  await until(
    'OpenAgents is running',
    () => {
      if (ended) throw new Error(`it did not start:\n${printed}`)
      return printed.includes('OpenAgents is running')
    },
    60_000,
  )
  const discovery = (await (await fetch(`${url}/.well-known/openagents.json`)).json()) as Discovery
  const family = () => descendants(child.pid ?? 0)
  const pid = (program: Program) => family().find(({ args }) => args.includes(join(root, scripts[program])))?.pid ?? 0
  return {
    ...{ url, relay: discovery.relay, data, discovery, pid },
    screen: () => printed,
    kill: (program) => void process.kill(pid(program), 'SIGKILL'),
    pids: () => family().map((row) => row.pid),
    processes: () => family().map(({ args }) => args),
    stop: async () => {
      child.kill('SIGTERM')
      await until('it has stopped', () => ended, 30_000).catch(() => child.kill('SIGKILL'))
      rmSync(data, { recursive: true, force: true })
    },
  }
}

type Row = { pid: number; parent: number; args: string }

/** Every process below one, from the process table. */
function descendants(of: number): Row[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 1e8 })
  const rows = table.split('\n').flatMap((line): Row[] => {
    const [, pid, parent, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return pid && parent && args ? [{ pid: Number(pid), parent: Number(parent), args }] : []
  })
  const below = (parent: number): Row[] =>
    rows.filter((row) => row.parent === parent).flatMap((row) => [row, ...below(row.pid)])
  return below(of)
}

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
