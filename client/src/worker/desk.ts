import type { Discovery } from '#nips/discovery'
import { tag } from '#nips/event'
import type { NostrEvent } from '#nips/keys'
import { kind } from '#nips/kinds'
import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import { RelayLink } from '#nips/relay-link'
import type { Dial } from '#nips/relay-socket'
import type { LoadedView } from '../model.ts'
import type { Account } from './account.ts'
import { encodePost } from './community.ts'
import type { Database } from './database.ts'
import { Feed } from './feed.ts'
import type { Locks } from './locks.ts'
import type { Outlet } from './outlet.ts'
import { Pulse } from './pulse.ts'
import { Work } from './work.ts'

export type DeskDeps = {
  db: Database
  clock: Clock
  locks: Locks
  outlet: Outlet
  dial: Dial
  random: () => number
  newId: () => string
  discovery: Discovery
  /** Seconds the deployment's clock is ahead of this browser's; `clock` is set to it already. */
  ahead: number
  account: Account | undefined
  tell(): void
}

/** One deployment as one key sees it, or as anybody does without a key. Ends when either changes. */
export class Desk {
  readonly work: Work | undefined
  readonly #deps: DeskDeps
  readonly #link: RelayLink
  readonly #feed: Feed
  readonly #pulse: Pulse
  readonly #stop: (() => void)[] = []
  #loaded: LoadedView = { cache: false, instances: false, jobs: false, posts: false }
  #wasOffline = false
  #closed = false

  constructor(deps: DeskDeps) {
    this.#deps = deps
    const { clock, dial, random, outlet, discovery, ahead, account } = deps
    const signer = account?.signer
    this.#pulse = new Pulse(discovery, clock, (service) => outlet.slice('service', { ...service, ahead }))
    this.#link = new RelayLink({
      ...{ url: discovery.relay, clock, dial, random, signer },
      skip: (raw) => this.#isSettled(raw),
      onState: (link) => {
        outlet.slice('link', link)
        this.#pulse.linked(link.state === 'connected')
        if (link.state === 'offline') this.#wasOffline = true
      },
      onReady: () => this.#ready(),
    })
    const parts = { ...deps, link: this.#link }
    this.#feed = new Feed({ ...parts, loaded: () => this.#load('posts') })
    if (signer === undefined) return
    this.work = new Work({
      ...parts,
      signer,
      service: discovery.service,
      onPost: (id, draft) => this.#feed.draft(id, draft),
      onSent: (event) => {
        if (event.kind === kind.note || event.kind === kind.comment) this.#feed.sent(event)
      },
      loaded: (what) => this.#load(what),
    })
  }

  /** Shows what is kept here, then connects. */
  async open(): Promise<void> {
    const { outlet, clock, discovery, account } = this.#deps
    outlet.slice('account', account?.view ?? null)
    this.#pulse.look()
    await this.work?.load()
    await this.#feed.load()
    if (this.#closed) return
    this.#load('cache')
    outlet.flush()
    this.#link.subscribe({
      filters: [{ kinds: [kind.heartbeat], authors: [discovery.service] }],
      onEvent: (event) => this.#pulse.take(event),
    })
    this.#feed.open()
    this.work?.open()
    this.#stop.push(
      clock.every(1000, () => {
        this.#pulse.look()
        void this.work?.look()
      }),
    )
    this.#link.open()
  }

  close(): void {
    this.#closed = true
    for (const stop of this.#stop) stop()
    this.#link.close()
  }

  retryNow(): void {
    this.#link.retryNow()
  }

  /** The work of the key; `unauthenticated` without one. */
  requireWork(): Work {
    if (this.work === undefined) throw new Fault('unauthenticated', 'this needs a key')
    return this.work
  }

  async post(text: string, parent: string | undefined): Promise<void> {
    const { clock, account } = this.#deps
    const answered = parent === undefined ? undefined : this.#feed.get(parent)
    if (parent !== undefined && answered === undefined) throw new Fault('not-found', 'that post is not here any more')
    const work = this.requireWork()
    const event: NostrEvent | undefined = await account?.signer.sign(encodePost(text, answered, clock.now()))
    if (event !== undefined) await work.post(event)
  }

  #load(what: keyof LoadedView): void {
    this.#loaded = { ...this.#loaded, [what]: true }
    this.#deps.outlet.slice('loaded', this.#loaded)
  }

  #ready(): void {
    const waiting = this.work?.outbox.list().length ?? 0
    this.work?.outbox.flush()
    if (!this.#wasOffline) return
    this.#wasOffline = false
    const sent = waiting === 1 ? ' Sending 1 message.' : waiting > 1 ? ` Sending ${waiting} messages.` : ''
    this.#deps.outlet.notice(`Back online.${sent}`)
  }

  /** By the unverified shape: an event that claims to be about a job that is over tells nothing new. */
  #isSettled(raw: unknown): boolean {
    if (this.work === undefined || typeof raw !== 'object' || raw === null) return false
    const { id, kind: number, tags } = raw as Record<string, unknown>
    if (typeof id !== 'string' || typeof number !== 'number' || !Array.isArray(tags)) return false
    const request = number >= 5770 && number < 5800 ? id : tag({ tags: tags.filter(Array.isArray) }, 'e')
    return number !== kind.approvalRequest && request !== undefined && this.work.isSettled(request)
  }
}
