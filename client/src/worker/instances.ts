import type { SignedEvent } from '#nips/event'
import { decodeInstance } from '#nips/instance'
import type { InstanceView } from '../model.ts'
import type { Database } from './database.ts'

type Known = { view: InstanceView; rev: number }

/** My gateways as the service tells them; the newest revision of each counts. */
export class Instances {
  readonly #known = new Map<string, Known>()
  readonly #seen = new Set<string>()
  readonly #db: Database
  readonly #key: string
  readonly #show: (instances: InstanceView[]) => void
  /** Whether the relay has sent all it has, at least once. */
  complete = false

  constructor(deps: { db: Database; key: string; show: (instances: InstanceView[]) => void }) {
    this.#db = deps.db
    this.#key = `instances/${deps.key}`
    this.#show = deps.show
  }

  async load(): Promise<void> {
    for (const known of (await this.#db.get<Known[]>('facts', this.#key)) ?? []) this.#known.set(known.view.id, known)
    this.#show(this.list())
  }

  /** A 31770. */
  take(event: SignedEvent): void {
    try {
      const { owners: _owners, rev, ...shown } = decodeInstance(event)
      this.#seen.add(shown.id)
      const before = this.#known.get(shown.id)
      if (before !== undefined && before.rev > rev) return
      const changedAt = before?.view.state === shown.state ? before.view.changedAt : event.created_at
      this.#known.set(shown.id, { view: { ...shown, changedAt }, rev })
      this.#changed()
    } catch {
      // An instance that says what we do not understand is left as it was.
    }
  }

  /** Everything stored was sent: what the cache knew and the relay does not is gone. */
  stored(): void {
    this.complete = true
    for (const id of [...this.#known.keys()]) if (!this.#seen.has(id)) this.#known.delete(id)
    this.#changed()
  }

  /** Whether it was deleted, or the relay knows nothing of it. */
  isGone(id: string): boolean {
    const state = this.get(id)?.state
    return state === 'deleted' || (state === undefined && this.complete)
  }

  get(id: string): InstanceView | undefined {
    return this.#known.get(id)?.view
  }

  list(): InstanceView[] {
    return [...this.#known.values()]
      .map(({ view }) => view)
      .filter(({ state }) => state !== 'deleted')
      .sort((a, b) => (a.slug < b.slug ? -1 : 1))
  }

  #changed(): void {
    this.#show(this.list())
    void this.#db.put('facts', this.#key, [...this.#known.values()])
  }
}
