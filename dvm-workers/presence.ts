import { encodeInstance } from '#nips/instance'
import type { EventTemplate } from '#nips/keys'
import { toFault } from '#nips/kit/fault'
import { type Announced, encodeAnnouncement, encodeHeartbeat, HEARTBEAT, type Health } from '#nips/service'
import type { FeedLine } from '#nips/ticket'
import type { WorkerDeps } from './worker.ts'

export type PresenceDeps = Pick<WorkerDeps, 'broker' | 'store' | 'outbox' | 'owners' | 'key' | 'clock' | 'log'> & {
  announced: Announced
}

/** Milliseconds before the broker's feed is asked for again. */
const RETRY = 1000

/** Shows on the relay what the broker knows: every instance's state, the heartbeat, and which jobs there are. */
export class Presence {
  readonly #deps: PresenceDeps
  #health: Health | undefined
  #dirty = false

  constructor(deps: PresenceDeps) {
    this.#deps = deps
  }

  /** Until the signal ends it. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, announced } = this.#deps
    this.#write('announcement', 0, (at) => encodeAnnouncement(announced, at))
    const stopBeat = clock.every(HEARTBEAT * 1000, () => this.#beat())
    const stopChanges = clock.every(1000, () => this.#dirty && this.#beat())
    while (!signal.aborted) {
      await this.#follow(signal)
      if (!signal.aborted) await clock.sleep(RETRY, signal).catch(() => undefined)
    }
    stopBeat()
    stopChanges()
  }

  async #follow(signal: AbortSignal): Promise<void> {
    try {
      for await (const line of this.#deps.broker.feed(signal)) this.#take(line)
    } catch (thrown) {
      if (!signal.aborted) this.#deps.log('feed.lost', { reason: toFault(thrown).reason })
    }
    if (signal.aborted || this.#health === undefined) return
    this.#health = { ...this.#health, trouble: 'The gateway broker does not answer. It is restarted by itself.' }
    this.#dirty = true
  }

  #take(line: FeedLine): void {
    if (line.type === 'complete') this.#deps.owners.complete()
    if (line.type === 'instance') this.#show(line)
    if (line.type === 'health') {
      this.#health = line.health
      this.#dirty = true
    }
  }

  #show({ id, owner, rev, shown }: Extract<FeedLine, { type: 'instance' }>): void {
    this.#deps.owners.set(id, owner)
    if ((this.#deps.store.address(`instance:${id}`)?.rev ?? 0) >= rev) return
    this.#write(`instance:${id}`, rev, (at) => encodeInstance({ id, owners: [owner], ...shown }, at, rev))
  }

  #beat(): void {
    this.#dirty = false
    const health = this.#health
    if (health) this.#write('heartbeat', 0, (at) => encodeHeartbeat(health, at))
  }

  /** Replaceable events carry a time that grows with each: of two in one second a relay may keep the older. */
  #write(name: string, rev: number, encode: (at: number) => EventTemplate): void {
    const { store, clock, key, outbox } = this.#deps
    const at = Math.max(clock.now(), (store.address(name)?.at ?? 0) + 1)
    store.wrote(name, { at, rev }, key.sign(encode(at)))
    outbox.flush()
  }
}
