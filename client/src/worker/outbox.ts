import type { NostrEvent } from '#nips/keys'
import type { Clock } from '#nips/kit/clock'
import { type Fault, toFault } from '#nips/kit/fault'
import type { ErrorView } from '../model.ts'
import type { Database } from './database.ts'
import { type Draft, isStale } from './draft.ts'
import { errorOf } from './errors.ts'
import type { Locks } from './locks.ts'

export type OutboxDeps = {
  db: Database
  clock: Clock
  locks: Locks
  owner: string
  service: string
  /** Signs a draft whose turn has come; `undefined` when it has to wait. */
  prepare(draft: Draft): Promise<NostrEvent | undefined>
  /**
   * Resolves when the relay has it. Rejects with a Fault: in the relay's words when it refuses for good, `unavailable`
   * when the link was closed, `expired` when it `isStale` before it could leave.
   */
  publish(event: NostrEvent, isStale: () => boolean): Promise<void>
  /** The draft is new or changed, or gone (`undefined`). */
  changed(id: string, draft: Draft | undefined): void
  /** The relay has it; comes before the draft is gone. */
  sent(event: NostrEvent): void
  /** Other tabs should look. */
  tell(): void
}

/** What is to be sent, exactly once: written down before it is sent, sent as the same event until the relay has it. */
export class Outbox {
  readonly #deps: OutboxDeps
  readonly #drafts = new Map<string, Draft>()
  readonly #busy = new Set<string>()

  constructor(deps: OutboxDeps) {
    this.#deps = deps
  }

  /** Reads what is kept: after a reload, and when another tab changed it. */
  async load(): Promise<void> {
    const kept = (await this.#deps.db.all<Draft>('drafts')).filter((draft) => this.#isMine(draft))
    const ids = new Set(kept.map(({ id }) => id))
    for (const id of [...this.#drafts.keys()]) if (!ids.has(id) && !this.#busy.has(id)) this.#forget(id)
    for (const draft of kept) if (!this.#busy.has(draft.id)) this.#show(draft)
    this.flush()
  }

  list(): Draft[] {
    return [...this.#drafts.values()].sort((a, b) => a.at - b.at)
  }

  get(id: string): Draft | undefined {
    return this.#drafts.get(id)
  }

  async add(draft: Draft): Promise<void> {
    await this.#keep(draft)
    this.flush()
  }

  async discard(id: string): Promise<void> {
    await this.#deps.db.remove('drafts', id)
    this.#forget(id)
    this.#deps.tell()
  }

  /** Tries every draft whose turn may have come. */
  flush(): void {
    for (const draft of this.list()) void this.#attempt(draft.id)
  }

  async #attempt(id: string): Promise<void> {
    if (this.#busy.has(id) || this.#drafts.get(id)?.error !== undefined) return
    this.#busy.add(id)
    try {
      await this.#deps.locks(`openagents-draft-${id}`, true, async (held) => {
        if (held) await this.#send(id)
      })
    } finally {
      this.#busy.delete(id)
    }
  }

  async #send(id: string): Promise<void> {
    const draft = await this.#deps.db.get<Draft>('drafts', id)
    if (draft === undefined) return this.#forget(id)
    const signed = isStale(draft, this.#deps.clock.now()) ? without(draft) : draft
    const event = signed.event ?? (await this.#sign(signed))
    if (event === undefined) return
    try {
      await this.#deps.publish(event, () => isStale({ ...signed, event }, this.#deps.clock.now()))
    } catch (thrown) {
      return this.#notSent(id, toFault(thrown))
    }
    this.#deps.sent(event)
    return this.discard(id)
  }

  /** When the link was closed, whoever has the next one sends the draft as it is; too old, it is signed anew. */
  async #notSent(id: string, { code, message }: Fault): Promise<void> {
    const kept = this.#drafts.get(id)
    if (kept === undefined || code === 'unavailable') return
    if (!isStale(kept, this.#deps.clock.now())) return this.#keep({ ...kept, error: refusalOf(message) })
    await this.#keep(without(kept))
    return this.#send(id)
  }

  async #sign(draft: Draft): Promise<NostrEvent | undefined> {
    try {
      const event = await this.#deps.prepare(draft)
      if (event !== undefined) await this.#keep({ ...draft, event })
      return event
    } catch (thrown) {
      await this.#keep({ ...draft, error: errorOf(toFault(thrown)) })
      return undefined
    }
  }

  async #keep(draft: Draft): Promise<void> {
    await this.#deps.db.put('drafts', draft.id, draft)
    this.#show(draft)
    this.#deps.tell()
  }

  #show(draft: Draft): void {
    this.#drafts.set(draft.id, draft)
    this.#deps.changed(draft.id, draft)
  }

  #forget(id: string): void {
    if (this.#drafts.delete(id)) this.#deps.changed(id, undefined)
  }

  #isMine({ owner, service }: Draft): boolean {
    return owner === this.#deps.owner && service === this.#deps.service
  }
}

function without({ event: _old, ...draft }: Draft): Draft {
  return draft
}

const refusalOf = (reason: string): ErrorView => ({
  code: 'refused',
  message: `The relay refused it: ${reason || 'no reason given'}`,
  fix: 'Change it, or discard it.',
  retry: false,
})
