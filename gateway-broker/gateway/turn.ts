import type { Clock } from '#nips/kit/clock'
import { Fault, toFault } from '#nips/kit/fault'
import type { Connection, GatewayEvent } from './connection.ts'
import { assistantShape, type ChatEvent, chatShape, messageText } from './frames.ts'

export type Turn = {
  session: string
  text: string
  /** The job's event id; OpenClaw runs one id once. */
  run: string
  /** All text so far, whenever it has grown. */
  onText: (text: string) => void
  signal: AbortSignal
}

export type Gateway = {
  connection: Connection
  clock: Clock
  /** What the model proxy last refused this gateway since then, in milliseconds. */
  faultSince: (millis: number) => Fault | undefined
}

/** Milliseconds the gateway has to confirm an abort before its text so far is taken as final. */
const ABORT_PATIENCE = 3000
/** Milliseconds a run may go on after the model proxy has refused it. */
const FAULT_PATIENCE = 5000
const LOOK_EVERY = 500

/**
 * One turn in a session of the gateway. Resolves with the whole answer, never with an empty one; rejects with the
 * model's fault, with `interrupted` when the gateway goes away, or with the signal's reason after the run was aborted.
 */
export async function runTurn(gateway: Gateway, turn: Turn): Promise<string> {
  const { connection, clock } = gateway
  const run = new Run(turn)
  const stop = connection.listen((event) => run.hear(event))
  const started = clock.millis()
  const over = new AbortController()
  try {
    turn.signal.throwIfAborted()
    const sent = connection.call('chat.send', {
      sessionKey: turn.session,
      message: turn.text,
      idempotencyKey: turn.run,
    })
    const lost = connection.closed.then(() =>
      Promise.reject(new Fault('interrupted', 'the gateway stopped in the middle of the answer')),
    )
    const end = await Promise.race([
      sent.then(() => run.ended),
      lost,
      aborted(turn.signal).then(() => abortRun(gateway, turn, run)),
      refusedByModel(gateway, started, over.signal),
    ])
    turn.signal.throwIfAborted()
    return finish(end, gateway.faultSince(started))
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'unavailable')
      throw new Fault('interrupted', 'the gateway went away', thrown)
    throw thrown
  } finally {
    over.abort()
    stop()
  }
}

type End = { state: ChatEvent['state']; text: string; message: string }

/** What a run has said, put together from the gateway's events. */
class Run {
  readonly #turn: Turn
  readonly ended: Promise<End>
  #end: (end: End) => void = () => undefined
  /** Text of finished parts; a run that used tools speaks in several. */
  #before = ''
  #part = ''
  #item: string | undefined

  constructor(turn: Turn) {
    this.#turn = turn
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  get text(): string {
    return this.#before + this.#part
  }

  hear({ event, payload }: GatewayEvent): void {
    if (event === 'agent') this.#hearText(payload)
    if (event === 'chat') this.#hearState(payload)
  }

  #hearText(payload: unknown): void {
    const parsed = assistantShape.safeParse(payload)
    if (!parsed.success || parsed.data.runId !== this.#turn.run) return
    const { text, itemId } = parsed.data.data
    if (text === undefined) return
    if (itemId !== this.#item && this.#part !== '') {
      this.#before = `${this.text}\n\n`
      this.#part = ''
    }
    this.#item = itemId
    if (text === this.#part) return
    this.#part = text
    this.#turn.onText(this.text)
  }

  #hearState(payload: unknown): void {
    const parsed = chatShape.safeParse(payload)
    if (!parsed.success || parsed.data.runId !== this.#turn.run) return
    const { state, errorMessage = '' } = parsed.data
    if (state === 'status' || state === 'delta') return
    const whole = messageText(parsed.data)
    this.#end({ state, text: this.#before === '' ? whole || this.text : this.text, message: errorMessage })
  }
}

function finish({ state, text, message }: End, modelFault: Fault | undefined): string {
  if (state === 'aborted') throw new Fault('cancelled', 'the run was stopped in the gateway')
  if (state === 'error') throw modelFault ?? new Fault('model-error', message || 'the model failed')
  if (text.trim() === '') throw modelFault ?? new Fault('model-empty', 'the model answered with nothing')
  return text
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Ends the run in the gateway itself, then leaves with the reason it was aborted for. */
async function abortRun({ connection, clock }: Gateway, turn: Turn, run: Run): Promise<never> {
  await connection.call('chat.abort', { sessionKey: turn.session, runId: turn.run }).catch(() => undefined)
  await Promise.race([run.ended, clock.sleep(ABORT_PATIENCE)])
  throw toFault(turn.signal.reason)
}

/**
 * Rejects once the model proxy has refused this gateway and the gateway does not end the run by itself. A conversation
 * that was too long is the gateway's own to shorten.
 */
async function refusedByModel(gateway: Gateway, started: number, over: AbortSignal): Promise<never> {
  const forever = () => new Promise<never>(() => undefined)
  let fault: Fault | undefined
  while (fault === undefined || fault.code === 'too-large') {
    await gateway.clock.sleep(LOOK_EVERY, over).catch(forever)
    fault = gateway.faultSince(started)
  }
  await gateway.clock.sleep(FAULT_PATIENCE, over).catch(forever)
  throw fault
}
