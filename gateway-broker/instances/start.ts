import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '#nips/kit/clock'
import { Fault, toFault } from '#nips/kit/fault'
import { Secret } from '#nips/kit/log'
import { gatewayOrder } from '../gateway/config.ts'
import { type Connection, connectGateway } from '../gateway/connection.ts'
import { hasStarted } from '../gateway/health.ts'
import { type Gateway, runTurn } from '../gateway/turn.ts'
import type { Cell, Driver } from '../sandbox/driver.ts'
import { openModelDoor } from './door.ts'
import { type Home, makeHome } from './home.ts'

/** What the model proxy offers to one gateway: its HTTP interface, and what it refused lately. */
export type ModelAccess = {
  model: string
  fetch: (request: Request) => Response | Promise<Response>
  faultSince: (millis: number) => Fault | undefined
  /** Tokens used through it since its start. */
  spent: () => { inputTokens: number; outputTokens: number }
}

export type StartDeps = {
  driver: Driver
  runtime: string
  clock: Clock
  /** Opens the proxy for one token of one instance. */
  modelAccess: (instance: string, token: Secret) => ModelAccess
}

export type Start = {
  id: string
  incarnation: number
  home: Home
  onPhase: (phase: string) => void
  signal: AbortSignal
}

/** A gateway through which a real token has come. */
export type Live = Gateway & {
  model: string
  spent: ModelAccess['spent']
  incarnation: number
  /** When its process started, in seconds. */
  since: number
  /** Resolves with the reason when the gateway or the link to it is gone. */
  lost: Promise<string>
  /** Ends its process, its tokens and its sockets; resolves when nothing of it is left. */
  stop: () => Promise<void>
}

/** Seconds a gateway has from its start until a real token came through. */
const START_LIMIT = 120
/** Milliseconds it has to end by itself. */
const STOP_GRACE = 5000
const LOOK_EVERY = 100

/**
 * One start: sandbox, gateway, connection, one real token. Throws `not-ready` after two minutes, or the model's own
 * fault; whatever it had opened by then is closed again.
 */
export async function startGateway(deps: StartDeps, start: Start): Promise<Live> {
  await using opened = new AsyncDisposableStack()
  const gatewayToken = secretToken()
  const modelToken = secretToken()
  const access = deps.modelAccess(start.id, modelToken)
  const late = lateAfter(deps.clock, START_LIMIT)
  opened.defer(late.cancel)
  const signal = AbortSignal.any([start.signal, late.signal])

  start.onPhase('starting')
  await makeHome(start.home)
  opened.defer(await openModelDoor(join(start.home.sockets, 'model.sock'), access.fetch))
  const cell = await deps.driver.start({
    id: start.id,
    ...start.home,
    runtime: deps.runtime,
    order: (inside) => gatewayOrder(inside, { gatewayToken, modelToken, model: access.model }),
  })
  opened.defer(() => cell.stop(STOP_GRACE).then(() => undefined))
  await started(deps.clock, { cell, log: join(start.home.home, 'gateway.log') }, signal)

  start.onPhase('connecting')
  const connection = await connected(deps.clock, () => connectGateway(cell.socket, gatewayToken), signal)
  opened.defer(() => connection.close())

  start.onPhase('probing')
  const gateway: Gateway = { connection, clock: deps.clock, faultSince: access.faultSince }
  await probe(gateway, start.incarnation, signal)

  const rest = opened.move()
  await late.cancel()
  return {
    ...gateway,
    model: access.model,
    spent: access.spent,
    incarnation: start.incarnation,
    since: deps.clock.now(),
    lost: Promise.race([
      cell.exited.then(({ code, signal: by }) => `it ended (${by ?? `exit ${code}`})`),
      connection.closed,
    ]),
    stop: () => rest.disposeAsync(),
  }
}

const secretToken = (): Secret => new Secret(randomBytes(32).toString('hex'))

/** A signal that aborts with `not-ready` after so many seconds, unless it is cancelled. */
function lateAfter(clock: Clock, seconds: number): { signal: AbortSignal; cancel: () => Promise<void> } {
  const late = new AbortController()
  const cancelled = new AbortController()
  const waiting = clock.sleep(seconds * 1000, cancelled.signal).then(
    () => late.abort(new Fault('not-ready', `OpenClaw was not ready within ${seconds} seconds`)),
    () => undefined,
  )
  return {
    signal: late.signal,
    cancel: () => {
      cancelled.abort()
      return waiting
    },
  }
}

/** Waits until the gateway says that its parts have settled. */
async function started(clock: Clock, { cell, log }: { cell: Cell; log: string }, signal: AbortSignal): Promise<void> {
  const exited = cell.exited.then(async ({ code, signal: by }) => {
    const lines = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n')
    const last = (lines.at(-1) ?? '').slice(0, 200)
    throw new Fault('not-ready', `OpenClaw ended while it started (${by ?? `exit ${code}`}): ${last}`)
  })
  const ready = async () => {
    while (!(await hasStarted(cell.socket))) await clock.sleep(LOOK_EVERY, signal)
  }
  await Promise.race([ready(), exited]).catch((thrown) => {
    throw toFault(signal.aborted ? signal.reason : thrown)
  })
}

/** Connects, again while the gateway still says `unavailable`. */
async function connected(clock: Clock, connect: () => Promise<Connection>, signal: AbortSignal): Promise<Connection> {
  for (;;) {
    try {
      return await connect()
    } catch (thrown) {
      if (signal.aborted) throw toFault(signal.reason)
      if (!(thrown instanceof Fault && thrown.code === 'unavailable')) throw thrown
      await clock.sleep(LOOK_EVERY, signal)
    }
  }
}

/** Asks for a few words in a session of its own; the first of them is the proof, the rest is not waited for. */
async function probe(gateway: Gateway, incarnation: number, signal: AbortSignal): Promise<void> {
  const session = `agent:main:probe-${incarnation}`
  const enough = new AbortController()
  const spoke = new Fault('cancelled', 'the first token is enough')
  const turn = {
    session,
    text: 'Say hello in one short sentence.',
    run: randomBytes(16).toString('hex'),
    onText: () => enough.abort(spoke),
    signal: AbortSignal.any([signal, enough.signal]),
  }
  await runTurn(gateway, turn).catch((thrown) => {
    if (thrown !== spoke) throw thrown
  })
  await gateway.connection.call('sessions.delete', { key: session }).catch(() => undefined)
}
