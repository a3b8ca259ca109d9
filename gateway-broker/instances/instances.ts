import type { InstanceState } from '#nips/instance'
import type { Clock } from '#nips/kit/clock'
import { Fault, toFault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import type { BrokerStore, InstanceChange, InstanceRow } from '../store/store.ts'
import { eraseHome, homeOf } from './home.ts'
import type { Live, Start } from './start.ts'
import { Turnstile } from './turnstile.ts'

export type InstancesDeps = {
  store: BrokerStore
  roots: { instances: string; sockets: string }
  /** Starts one gateway (start.ts). */
  start: (start: Start) => Promise<Live>
  clock: Clock
  log: Log
}

/** Milliseconds before a gateway that went away is started again: doubled from the first to the second. */
const RESTART = [1000, 60_000] as const

/** A start that is underway, and how to wait until it has succeeded or was undone. */
type Coming = { controller: AbortController; settled: Promise<unknown> }

/** Every gateway of this broker: the rows, and what really runs. */
export class Instances {
  readonly #deps: InstancesDeps
  readonly #live = new Map<string, Live>()
  readonly #coming = new Map<string, Coming>()
  readonly #listeners = new Set<(row: InstanceRow) => void>()
  readonly #turnstile = new Turnstile()
  #closing = false

  constructor(deps: InstancesDeps) {
    this.#deps = deps
  }

  rows(): InstanceRow[] {
    return this.#deps.store.instances()
  }

  row(id: string): InstanceRow | undefined {
    return this.#deps.store.instance(id)
  }

  live(id: string): Live | undefined {
    return this.#live.get(id)
  }

  /** Calls back with every row that changes. */
  onChange(listener: (row: InstanceRow) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Tells about a row that somebody else's transaction has written. */
  announce(id: string): void {
    const row = this.row(id)
    if (row) for (const listener of [...this.#listeners]) listener(row)
  }

  /**
   * Starts a gateway that is meant to run and makes it `ready`. On failure nothing of it is left and the fault is
   * thrown; what the row says then is the caller's to decide.
   */
  bring(id: string, onPhase: (phase: string) => void, signal: AbortSignal): Promise<Live> {
    const controller = new AbortController()
    const bringing = this.#bring(id, onPhase, AbortSignal.any([signal, controller.signal]))
    const coming = { controller, settled: bringing.catch(() => undefined) }
    this.#coming.set(id, coming)
    void coming.settled.then(() => this.#coming.get(id) === coming && this.#coming.delete(id))
    return bringing
  }

  /** The gateway once it is ready. Throws `not-found`, or `unavailable` for one that is not meant to run. */
  async ready(id: string, signal: AbortSignal): Promise<Live> {
    for (;;) {
      const live = this.#live.get(id)
      if (live) return live
      const row = this.row(id)
      if (row === undefined || row.state === 'deleted' || row.state === 'deleting')
        throw new Fault('not-found', 'no such instance')
      if (row.state === 'failed' || row.state === 'stopped')
        throw new Fault('unavailable', row.reason ?? `the gateway is ${row.state}`)
      await this.#changed(id, signal)
    }
  }

  /** Writes that a start failed for good: nothing of it is left but the row with its reason. */
  async fail(id: string, fault: Fault): Promise<void> {
    await eraseHome(homeOf(this.#deps.roots, id))
    this.#become(id, { state: 'failed', reason: `${fault.code}: ${fault.message}` })
  }

  /** Ends a gateway for good: process, sockets, tokens and files. The row stays as a tombstone. */
  async remove(id: string, onPhase: (phase: string) => void): Promise<void> {
    this.#become(id, { state: 'deleting' })
    onPhase('stopping')
    const coming = this.#coming.get(id)
    coming?.controller.abort(new Fault('cancelled', 'the instance was deleted'))
    await coming?.settled
    await this.#drop(id)
    onPhase('erasing')
    await eraseHome(homeOf(this.#deps.roots, id))
    this.#become(id, { state: 'deleted' })
  }

  /** Starts again, one after the other, whatever was running when the broker ended. */
  async resume(): Promise<void> {
    for (const row of this.rows()) {
      if (row.state === 'ready' || row.state === 'restarting') void this.#restart(row.id, 'the broker was restarted')
      if (row.state === 'deleting') await this.remove(row.id, () => undefined)
    }
  }

  /** Ends every gateway and leaves the rows as they are, so that the next start brings them back. */
  async close(): Promise<void> {
    this.#closing = true
    const underway = [...this.#coming.values()]
    for (const { controller } of underway) controller.abort(new Fault('interrupted', 'the broker is shutting down'))
    await Promise.all(underway.map(({ settled }) => settled))
    await Promise.all([...this.#live.keys()].map((id) => this.#drop(id)))
  }

  async #bring(id: string, onPhase: (phase: string) => void, signal: AbortSignal): Promise<Live> {
    const live = await this.#turnstile.pass(() => this.#start(id, onPhase, signal))
    this.#live.set(id, live)
    if (this.#become(id, { state: 'ready' }) === undefined || signal.aborted) {
      await this.#drop(id)
      throw toFault(signal.reason ?? new Fault('cancelled', 'the instance was deleted'))
    }
    void live.lost.then((reason) => this.#onLost(id, live, reason))
    return live
  }

  async #start(id: string, onPhase: (phase: string) => void, signal: AbortSignal): Promise<Live> {
    if (signal.aborted) throw toFault(signal.reason)
    const state: InstanceState = this.row(id)?.state === 'restarting' ? 'restarting' : 'starting'
    const row = this.#become(id, { state, started: true })
    if (row === undefined) throw new Fault('not-found', 'no such instance')
    const started = this.#deps.clock.millis()
    const home = homeOf(this.#deps.roots, id)
    const live = await this.#deps.start({ id, incarnation: row.incarnation, home, onPhase, signal })
    this.#deps.log('instance.ready', {
      id,
      incarnation: row.incarnation,
      ms: Math.round(this.#deps.clock.millis() - started),
    })
    return live
  }

  async #drop(id: string): Promise<void> {
    const live = this.#live.get(id)
    this.#live.delete(id)
    await live?.stop()
  }

  async #onLost(id: string, live: Live, reason: string): Promise<void> {
    if (this.#live.get(id) !== live || this.#closing) return
    this.#deps.log('instance.lost', { id, incarnation: live.incarnation, reason })
    await this.#drop(id)
    await this.#restart(id, `the gateway stopped: ${reason}`)
  }

  async #restart(id: string, why: string): Promise<void> {
    let wait: number = RESTART[0]
    let reason = why
    for (;;) {
      if (this.#closing || this.#become(id, { state: 'restarting', reason }) === undefined) return
      try {
        await this.bring(id, () => undefined, new AbortController().signal)
        return
      } catch (thrown) {
        const fault = toFault(thrown)
        if (fault.code === 'cancelled' || this.#closing) return
        reason = `${fault.code}: ${fault.message}`
        this.#deps.log('instance.restart', { id, reason, wait })
        await this.#deps.clock.sleep(wait)
        wait = Math.min(wait * 2, RESTART[1])
      }
    }
  }

  #become(id: string, change: InstanceChange): InstanceRow | undefined {
    const before = this.row(id)
    if (change.state !== 'deleted' && before?.state === 'deleting' && change.state !== 'deleting') return undefined
    const row = this.#deps.store.changeInstance(id, change)
    if (row) for (const listener of [...this.#listeners]) listener(row)
    return row
  }

  #changed(id: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        stop()
        reject(toFault(signal.reason))
      }
      const stop = this.onChange((row) => {
        if (row.id !== id) return
        stop()
        signal.removeEventListener('abort', onAbort)
        resolve()
      })
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort, { once: true })
    })
  }
}
