import { spawn } from 'node:child_process'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseJson } from '#nips/kit/bytes'
import { Fault } from '#nips/kit/fault'
import type { Cell, CellExit, CellSpec, Inside } from './driver.ts'

/** How one driver wraps a command: the command line to spawn, and where things are inside. */
export type Confinement = {
  inside(spec: CellSpec): Inside
  wrap(spec: CellSpec, argv: string[]): { command: string; args: string[] }
  /** Where the wrapping command is looked for; the only variable it gets. */
  path: string
}

/** What our own first process says. */
type CellLine = { type: 'started'; pid: number } | ({ type: 'exit' } & CellExit)

/**
 * Starts `cell.ts` inside a confinement. Tokens go in through stdin, never through arguments, which every user of
 * the machine can read. Resolves when the gateway's process has started; whether it is ready is another question.
 */
export async function startCell(confinement: Confinement, spec: CellSpec, cellFile: string): Promise<Cell> {
  const inside = confinement.inside(spec)
  const socket = join(spec.sockets, 'gateway.sock')
  await mkdir(spec.sockets, { recursive: true, mode: 0o700 })
  await rm(socket, { force: true })
  const { command, args } = confinement.wrap(spec, [inside.node, cellFile])
  // Its own process group, so that whatever it starts can be ended with it.
  const child = spawn(command, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: confinement.path },
  })
  const complaints: string[] = []
  child.stderr.on('data', (chunk) => complaints.length < 20 && complaints.push(String(chunk)))
  child.stdin.on('error', () => undefined)
  const heard = hear(child)
  const exited = ended(child, heard).then(async (exit) => {
    await rm(socket, { force: true })
    return exit
  })
  const order = {
    ...spec.order(inside),
    gatewaySocket: join(inside.sockets, 'gateway.sock'),
    modelSocket: join(inside.sockets, 'model.sock'),
  }
  child.stdin.write(`${JSON.stringify(order)}\n`)
  const early = await Promise.race([heard.started, exited])
  if (early !== undefined) {
    const said = complaints.join('').trim() || early.message || `exit ${early.code ?? early.signal}`
    throw new Fault('unavailable', `the sandbox did not start: ${said}`)
  }
  await chmod(socket, 0o600)
  return { socket, exited, stop: (graceMs) => stop(child, exited, graceMs) }
}

type Child = ReturnType<typeof spawn>

type Heard = { started: Promise<undefined>; exit: CellExit | undefined }

/** Listens to `cell.ts`: that the gateway has started, and how it ended. */
function hear(child: Child): Heard {
  const heard: Heard = { started: new Promise<never>(() => undefined), exit: undefined }
  if (child.stdout === null) return heard
  const lines = createInterface({ input: child.stdout })
  heard.started = new Promise((resolve) => {
    lines.on('line', (text) => {
      const line = parseJson(text) as CellLine | undefined
      if (line?.type === 'started') resolve(undefined)
      if (line?.type === 'exit') heard.exit = { code: line.code, signal: line.signal }
    })
  })
  return heard
}

/** Resolves when nothing of it runs any more, with the gateway's own end where that was heard. */
function ended(child: Child, heard: Heard): Promise<CellExit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, signal: null, message: error.message }))
    child.once('close', (code, signal) => {
      killGroup(child)
      resolve(heard.exit ?? { code, signal })
    })
  })
}

async function stop(child: Child, exited: Promise<CellExit>, graceMs: number): Promise<CellExit> {
  child.stdin?.write('stop\n')
  const timer = AbortSignal.timeout(graceMs)
  const onTimeout = () => killGroup(child)
  timer.addEventListener('abort', onTimeout, { once: true })
  const exit = await exited
  timer.removeEventListener('abort', onTimeout)
  return exit
}

function killGroup(child: Child): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nothing of the group runs any more.
  }
}
