import type { NostrEvent } from '#nips/keys'
import { toFault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import type { RelayLink } from '#nips/relay-link'
import type { WorkerStore } from './store.ts'

/** Sends what has to arrive: events are stored before they leave and forgotten only after the relay's OK. */
export class Outbox {
  readonly #store: Pick<WorkerStore, 'unsent' | 'sent'>
  readonly #link: Pick<RelayLink, 'publish'>
  readonly #log: Log
  readonly #underway = new Set<string>()

  constructor({
    store,
    link,
    log,
  }: { store: Pick<WorkerStore, 'unsent' | 'sent'>; link: Pick<RelayLink, 'publish'>; log: Log }) {
    this.#store = store
    this.#link = link
    this.#log = log
  }

  /** Sends whatever was not confirmed yet. The same event twice is one event, so it may be called at any time. */
  flush(): void {
    for (const event of this.#store.unsent()) if (!this.#underway.has(event.id)) void this.#send(event)
  }

  async #send(event: NostrEvent): Promise<void> {
    this.#underway.add(event.id)
    try {
      await this.#link.publish(event)
      this.#store.sent(event.id)
    } catch (thrown) {
      const { reason, retry } = toFault(thrown)
      this.#log('outbox.refused', { id: event.id, kind: event.kind, reason })
      // What a relay refuses for good it refuses again; a busy relay or a closed link is asked later.
      if (!retry) this.#store.sent(event.id)
    } finally {
      this.#underway.delete(event.id)
    }
  }
}
