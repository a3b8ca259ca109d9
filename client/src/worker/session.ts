import { SignedEvent } from '#nips/event'
import { type Filter, matches, parseFilter } from '#nips/filter'
import { type EventTemplate, type NostrEvent, type Verify, verifySchnorr } from '#nips/keys'
import { kind } from '#nips/kinds'
import { parseJson } from '#nips/kit/bytes'
import { encodeRelayAuth } from '#nips/nip42'
import type { LinkView } from '../model.ts'
import { Link, type LinkDeps } from './link.ts'

export type WireFilter = { [key: string]: readonly (string | number)[] | number }

export type Ask = {
  filters: WireFilter[]
  /** Kinds that only a signed-in party may read: asked after NIP-42. */
  private?: boolean
  /** Ends at EOSE. */
  once?: boolean
  /** A verified event that matches the filters; `live` when it came after the stored ones. */
  onEvent(event: SignedEvent, live: boolean): void
  /** Everything stored was sent. Comes again after every reconnect. */
  onStored?(): void
}
export type Subscription = { close(): void }

/** How a publish ended: `reason` is the relay's, and it is final. */
export type Outcome = { ok: true } | { ok: false; reason: string }

export type SessionDeps = LinkDeps & {
  sign?: (template: EventTemplate) => Promise<NostrEvent>
  /** Events that need no look, told by their unverified shape: dropping a forgery of one loses nothing. */
  skip?: (raw: unknown) => boolean
  onState(view: LinkView): void
  /** Connected, and signed in where there is a key. */
  onReady?(): void
}

type Open = Ask & { parsed: Filter[]; asked: boolean; stored: boolean }
type Publish = { event: NostrEvent; isStale: () => boolean; tries: number; settle(outcome: Outcome): void }

/** Milliseconds to wait for a challenge before speaking without one. */
const CHALLENGE_GRACE = 1500
const REMEMBERED = 5000
const PING = 'ping'

/** One connection, its subscriptions and what waits to be published; all of it survives a cut. */
export class Session {
  readonly #deps: SessionDeps
  readonly #link: Link
  readonly #open = new Map<string, Open>()
  readonly #publishing = new Map<string, Publish>()
  readonly #verified = new Set<string>()
  #count = 0
  /** Counts connections; whatever belongs to an older one is void. */
  #connection = 0
  #connected = false
  #ready = false
  #authId: string | undefined

  constructor(deps: SessionDeps) {
    this.#deps = deps
    this.#link = new Link(deps, {
      opened: () => this.#opened(),
      frame: (text) => this.#frame(text),
      state: (view) => {
        this.#connected = view.state === 'connected'
        if (!this.#connected) this.#ready = false
        deps.onState(view)
      },
      quiet: () => this.#say(['REQ', PING, { kinds: [kind.heartbeat], limit: 1 }]),
    })
  }

  run(): Promise<void> {
    return this.#link.run()
  }

  retryNow(): void {
    this.#link.retryNow()
  }

  close(): void {
    this.#link.close()
  }

  get ready(): boolean {
    return this.#ready
  }

  subscribe(ask: Ask): Subscription {
    this.#count += 1
    const id = `s${this.#count}`
    const parsed = ask.filters.map((filter) => parseFilter(filter))
    this.#open.set(id, { ...ask, parsed, asked: false, stored: false })
    this.#speak()
    return { close: () => this.#closeSubscription(id) }
  }

  /**
   * Sends until the relay says OK or refuses for good; a cut or a busy relay only makes it later. What `isStale` by
   * then is not sent any more and counts as refused.
   */
  publish(event: NostrEvent, isStale: () => boolean = () => false): Promise<Outcome> {
    return new Promise((settle) => {
      const publish = { event, isStale, tries: 0, settle }
      this.#publishing.set(event.id, publish)
      if (this.#ready) this.#send(publish)
    })
  }

  #opened(): void {
    this.#connection += 1
    this.#authId = undefined
    for (const open of this.#open.values()) Object.assign(open, { asked: false, stored: false })
    if (this.#deps.sign === undefined) {
      this.#becomeReady()
      return
    }
    this.#speak()
    this.#afterwards(CHALLENGE_GRACE, () => {
      if (this.#authId === undefined) this.#becomeReady()
    })
  }

  #becomeReady(): void {
    this.#ready = true
    this.#speak()
    for (const publish of this.#publishing.values()) this.#send(publish)
    this.#deps.onReady?.()
  }

  /** Asks whatever was not asked on this connection and may be asked now. */
  #speak(): void {
    if (!this.#connected) return
    for (const [id, open] of this.#open) {
      if (open.asked || (open.private && !this.#ready)) continue
      open.asked = true
      this.#say(['REQ', id, ...open.filters])
    }
  }

  #frame(text: string): void {
    const [verb, first, second, third] = asList(parseJson(text))
    if (verb === 'EVENT') this.#event(String(first), second)
    else if (verb === 'EOSE') this.#stored(String(first))
    else if (verb === 'OK') this.#answered(String(first), second === true, String(third ?? ''))
    else if (verb === 'CLOSED') this.#closed(String(first), String(second ?? ''))
    else if (verb === 'AUTH') void this.#authenticate(String(first))
  }

  #event(id: string, raw: unknown): void {
    const open = this.#open.get(id)
    if (open === undefined || this.#deps.skip?.(raw)) return
    const event = SignedEvent.tryOpen(raw, this.#verify)
    if (event === undefined || !open.parsed.some((filter) => matches(filter, event))) return
    open.onEvent(event, open.stored)
  }

  #stored(id: string): void {
    const open = this.#open.get(id)
    if (id === PING) this.#say(['CLOSE', PING])
    if (open === undefined || open.stored) return
    open.stored = true
    if (open.once) this.#closeSubscription(id)
    open.onStored?.()
  }

  #closed(id: string, reason: string): void {
    const open = this.#open.get(id)
    if (open === undefined) return
    if (reason.startsWith('auth-required') && this.#deps.sign !== undefined) {
      open.asked = false
      open.private = true
      if (this.#authId === undefined) this.#ready = false
      return
    }
    if (isPassing(reason)) {
      this.#afterwards(5000, () => {
        open.asked = false
        this.#speak()
      })
      return
    }
    // Refused for good. That is no answer: whoever asked must not take it for "there is nothing".
    this.#open.delete(id)
  }

  #answered(id: string, ok: boolean, reason: string): void {
    const publish = this.#publishing.get(id)
    if (id === this.#authId) this.#becomeReady()
    else if (publish === undefined) return
    else if (ok || reason.startsWith('duplicate')) this.#settle(publish, { ok: true })
    else this.#refused(publish, reason)
  }

  #refused(publish: Publish, reason: string): void {
    publish.tries += 1
    const final = reason.startsWith('auth-required') ? publish.tries > 3 : !isPassing(reason)
    if (final) {
      this.#settle(publish, { ok: false, reason })
      return
    }
    this.#afterwards(Math.min(30_000, 1000 * 2 ** publish.tries), () => {
      if (this.#ready && this.#publishing.has(publish.event.id)) this.#send(publish)
    })
  }

  #settle(publish: Publish, outcome: Outcome): void {
    this.#publishing.delete(publish.event.id)
    publish.settle(outcome)
  }

  async #authenticate(challenge: string): Promise<void> {
    const { sign, url, clock } = this.#deps
    if (sign === undefined) return
    const connection = this.#connection
    this.#authId = 'signing'
    try {
      const event = await sign(encodeRelayAuth(url, challenge, clock.now()))
      if (connection !== this.#connection) return
      this.#authId = event.id
      this.#say(['AUTH', event])
    } catch {
      // The signer refused: what is public can still be read, and private questions will be refused by the relay.
      this.#becomeReady()
    }
  }

  #closeSubscription(id: string): void {
    if (this.#open.delete(id)) this.#say(['CLOSE', id])
  }

  #send(publish: Publish): void {
    if (publish.isStale()) this.#settle(publish, { ok: false, reason: 'it has become too old to be sent' })
    else this.#say(['EVENT', publish.event])
  }

  #say(message: unknown[]): void {
    this.#link.send(JSON.stringify(message))
  }

  /** Later, if this connection still stands. */
  #afterwards(ms: number, action: () => void): void {
    const connection = this.#connection
    this.#deps.clock.sleep(ms).then(
      () => {
        if (connection === this.#connection && this.#connected) action()
      },
      () => undefined,
    )
  }

  /** The id binds the content, so a signature that was checked once need not be checked again. */
  readonly #verify: Verify = (id, pubkey, sig) => {
    const name = `${id}${pubkey}${sig}`
    if (this.#verified.has(name)) return true
    if (!verifySchnorr(id, pubkey, sig)) return false
    if (this.#verified.size >= REMEMBERED) this.#verified.clear()
    this.#verified.add(name)
    return true
  }
}

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** A refusal that may be another one later. */
const isPassing = (reason: string): boolean => /^(?:error|rate-limited)\b/.test(reason)
