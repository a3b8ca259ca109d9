import type { SignedEvent } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import type { Clock } from '#nips/kit/clock'
import type { RelayLink } from '#nips/relay-link'
import type { PostView, ProfileView } from '../model.ts'
import { postOf, profileOf } from './community.ts'
import type { Database } from './database.ts'
import type { Draft } from './draft.ts'
import type { Outlet } from './outlet.ts'

/** Posts asked for, and posts kept for the next visit. */
const ASKED = 200
const KEPT = 60
/** Milliseconds to gather new authors before their profiles are asked for. */
const GATHER = 300

export type FeedDeps = {
  db: Database
  clock: Clock
  link: RelayLink
  outlet: Outlet
  /** The feed was read to its end once. */
  loaded(): void
}

/** The public posts of the relay, and who wrote them. */
export class Feed {
  readonly #deps: FeedDeps
  readonly #events = new Map<string, NostrEvent>()
  readonly #profiles = new Map<string, { at: number; view: ProfileView }>()
  readonly #authors = new Set<string>()
  #forgetPeople: (() => void) | undefined
  #gathering = false

  constructor(deps: FeedDeps) {
    this.#deps = deps
  }

  /** Shows what the last visit saw. */
  async load(): Promise<void> {
    const { db } = this.#deps
    for (const [key, view] of (await db.get<[string, ProfileView][]>('facts', 'profiles')) ?? [])
      this.#name(key, 0, view)
    for (const event of await db.all<NostrEvent>('posts')) this.#keep(event)
  }

  open(): void {
    const { link, db, loaded } = this.#deps
    link.subscribe({
      filters: [{ kinds: [kind.note, kind.comment], limit: ASKED }],
      onEvent: (event) => {
        if (this.#keep(event)) void db.put('posts', event.id, { ...event })
      },
      onStored: () => {
        loaded()
        void this.#prune()
      },
    })
  }

  get(id: string): NostrEvent | undefined {
    return this.#events.get(id)
  }

  /** A post of mine that is not on the relay yet, or not any more on its way there. */
  draft(id: string, draft: Draft | undefined): void {
    const event = draft?.event
    if (draft === undefined || event === undefined || draft.job !== undefined) {
      if (!this.#events.has(id)) this.#deps.outlet.row('posts', id, null)
      return
    }
    if (this.#events.has(id)) return
    const { error } = draft
    const view: PostView = { ...postOf(event), state: error === undefined ? 'queued' : 'refused' }
    this.#deps.outlet.row('posts', id, error === undefined ? view : { ...view, error: error.message })
    this.#meet(event.pubkey)
  }

  /** My own post reached the relay, which need not send it back to me. */
  sent(event: NostrEvent): void {
    this.#keep(event)
  }

  #keep(event: NostrEvent): boolean {
    if (this.#events.has(event.id)) return false
    this.#events.set(event.id, event)
    this.#deps.outlet.row('posts', event.id, postOf(event))
    this.#meet(event.pubkey)
    return true
  }

  async #prune(): Promise<void> {
    const old = [...this.#events.values()].sort((a, b) => b.created_at - a.created_at).slice(KEPT)
    for (const { id } of old) await this.#deps.db.remove('posts', id)
  }

  #meet(author: string): void {
    if (this.#authors.has(author)) return
    this.#authors.add(author)
    if (!this.#profiles.has(author)) this.#name(author, 0, profileOf({ pubkey: author, content: '' }))
    if (this.#gathering) return
    this.#gathering = true
    this.#deps.clock.sleep(GATHER).then(
      () => {
        this.#gathering = false
        this.#askPeople()
      },
      () => undefined,
    )
  }

  #askPeople(): void {
    this.#forgetPeople?.()
    this.#forgetPeople = this.#deps.link.subscribe({
      filters: [{ kinds: [kind.metadata], authors: [...this.#authors].slice(-500) }],
      onEvent: (event) => this.#profile(event),
      onStored: () => {
        const kept = [...this.#profiles].slice(-200).map(([key, { view }]) => [key, view])
        void this.#deps.db.put('facts', 'profiles', kept)
      },
    })
  }

  #profile(event: SignedEvent): void {
    if ((this.#profiles.get(event.pubkey)?.at ?? 0) < event.created_at)
      this.#name(event.pubkey, event.created_at, profileOf(event))
  }

  #name(key: string, at: number, view: ProfileView): void {
    this.#profiles.set(key, { at, view })
    this.#deps.outlet.row('profiles', key, view)
  }
}
