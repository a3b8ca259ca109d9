/**
 * The first process inside a sandbox. It imports nothing of ours, because it is all of ours that is in there.
 *
 * It reads one line of JSON (`CellOrder`) from stdin, opens the sandbox's two doors (a unix socket that leads to the
 * gateway's port, and a port that leads to the broker's model socket), starts the gateway and tells on stdout, in
 * lines of JSON, what happens. Stdin stays open as a lifeline: the line `stop` or its end stops the gateway.
 */
import { spawn } from 'node:child_process'
import { openSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

type CellOrder = {
  command: string
  args: string[]
  env: Record<string, string>
  cwd: string
  log: string
  /** Files to write first, mode 0600. `{{gatewayPort}}` and `{{modelPort}}` are filled in, in args and env too. */
  files: Record<string, string>
  gatewaySocket: string
  modelSocket: string
}

/** What is left of the gateway after this many milliseconds without a lifeline is killed. */
const ORPHAN_GRACE = 1500

const say = (line: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(line)}\n`)

const listening = (server: Server, where: string | number): Promise<Server> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    const done = () => resolve(server)
    if (typeof where === 'string') server.listen(where, done)
    else server.listen(where, '127.0.0.1', done)
  })

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Joins two sockets so that the end or failure of either ends both. */
function join(a: Socket, b: Socket): void {
  a.pipe(b).pipe(a)
  a.on('error', () => b.destroy())
  b.on('error', () => a.destroy())
  a.on('close', () => b.destroy())
  b.on('close', () => a.destroy())
}

async function freePort(): Promise<number> {
  const server = await listening(createServer(), 0)
  const port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function run(order: CellOrder, lines: AsyncIterator<string>): Promise<void> {
  const model = await listening(
    createServer((client) => join(client, connect(order.modelSocket))),
    0,
  )
  const gatewayPort = await freePort()
  await listening(
    createServer((client) => join(client, connect(gatewayPort, '127.0.0.1'))),
    order.gatewaySocket,
  )
  const fill = (text: string) =>
    text.replaceAll('{{gatewayPort}}', String(gatewayPort)).replaceAll('{{modelPort}}', String(portOf(model)))
  for (const [path, content] of Object.entries(order.files)) writeFileSync(path, fill(content), { mode: 0o600 })
  const env = Object.fromEntries(Object.entries(order.env).map(([name, value]) => [name, fill(value)]))
  const log = openSync(order.log, 'a', 0o600)
  const gateway = spawn(order.command, order.args.map(fill), { cwd: order.cwd, env, stdio: ['ignore', log, log] })
  say({ type: 'started', pid: gateway.pid ?? 0, port: gatewayPort })
  gateway.on('error', (error) => end({ type: 'exit', code: 127, signal: null, message: error.message }))
  gateway.on('exit', (code, signal) => end({ type: 'exit', code, signal }))
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    if (line.value === 'stop') gateway.kill('SIGTERM')
  }
  gateway.kill('SIGTERM')
  setTimeout(() => process.kill(-process.pid, 'SIGKILL'), ORPHAN_GRACE)
}

/** Says the last word and takes whatever the gateway started along. */
function end(line: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`, () => {
    try {
      process.kill(-process.pid, 'SIGKILL')
    } catch {
      process.exit(0)
    }
  })
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const first = await lines.next()
if (first.done !== true) await run(JSON.parse(first.value) as CellOrder, lines)
