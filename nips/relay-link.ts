import { SignedEvent } from './event.ts'
import { matches } from './filter.ts'
import { type EventTemplate, type NostrEvent, type Verify, verifySchnorr } from './keys.ts'
import { kind } from './kinds.ts'
import { parseJson } from './kit/bytes.ts'
import { Fault } from './kit/fault.ts'
import { encodeRelayAuth } from './nip42.ts'
import {
  type Ask,
  afterRefusal,
  fresh,
  type Publication,
  type Request,
  readAsk,
  type Subscription,
} from './relay-request.ts'
import { type LinkState, RelaySocket, type SocketDeps } from './relay-socket.ts'
import { verifyOnce } from './verify-once.ts'

/** Signs NIP-42 challenges. A person may take any time for it, or refuse. */
export type Signer = { sign(template: EventTemplate): NostrEvent | Promise<NostrEvent> }

export type LinkDeps = SocketDeps & {
  /** Without one, private kinds stay closed. */
  signer?: Signer | undefined
  verify?: Verify
  /** Events that need no look, told by their unverified shape: dropping a forgery of one loses nothing. */
  skip?(raw: unknown): boolean
  onState?(state: LinkState): void
  /** Connected, and signed in where there is a key and the relay wants to know it. Once for every connection. */
  onReady?(): void
}

/** Milliseconds to wait for a challenge, and for the relay's word about our answer to it, before going on without. */
const CHALLENGE_GRACE = 1500
const SIGN_IN_GRACE = 2000
/** The subscription whose answer shows that the relay still hears us. */
const PROBE = 'ping'

/**
 * One lasting connection to a relay, with everything that is asked and published over it. After a cut the same REQs
 * go out again, and so does every event that was not confirmed: ids make both harmless. Where there is a signer,
 * what is private is asked, and everything published, after signing in (NIP-42); what is public is asked at once.
 * Every event is checked and matched before it is handed on.
 */
export class RelayLink {
  readonly #deps: LinkDeps
  readonly #verify: Verify
  readonly #socket: RelaySocket
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #publications = new Map<string, Publication>()
  #count = 0
  #isReady = false
  #isClosed = false
  /** Our answer to the challenge of this connection: `id` is that of the AUTH event, once it is signed. */
  #signIn: { readonly challenge: string; id?: string } | undefined
  #isKnown = false

  constructor(deps: LinkDeps) {
    this.#deps = deps
    this.#verify = verifyOnce(deps.verify ?? verifySchnorr)
    this.#socket = new RelaySocket(deps, {
      onState: (state) => this.#changed(state),
      onFrame: (text) => this.#frame(text),
      onQuiet: () => this.#say(['REQ', PROBE, { kinds: [kind.heartbeat], limit: 1 }]),
    })
  }

  /** Connects, and connects again after every cut. What was asked before goes out with the first connection. */
  open(): void {
    this.#socket.open()
  }

  /** Whether whatever is published now leaves now. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** Asks, and goes on asking on every connection until the returned function is called. Malformed filters throw. */
  subscribe(ask: Ask): () => void {
    const { filters } = readAsk(ask)
    if (this.#isClosed) {
      ask.onEnd?.(closedLink())
      return () => undefined
    }
    this.#count += 1
    const id = `s${this.#count}`
    this.#subscriptions.set(id, { ask, filters, ...fresh })
    this.#speak()
    return () => this.#unsubscribe(id)
  }

  /** Everything stored that matches, each event once. Rejects when the relay refuses for good or the link is closed. */
  query(ask: Pick<Ask, 'filters' | 'private'>): Promise<SignedEvent[]> {
    const found = new Map<string, SignedEvent>()
    return new Promise((resolve, reject) => {
      this.subscribe({
        ...ask,
        once: true,
        onEvent: (event) => found.set(event.id, event),
        onStored: () => resolve([...found.values()]),
        onEnd: reject,
      })
    })
  }

  /**
   * Sends until the relay has the event, and resolves then; a cut or a busy relay only makes it later. Rejects with
   * `unauthorized` and the relay's words when it refuses for good, with `expired` when the event `isStale` before it
   * could leave, and with `unavailable` when the link is closed.
   */
  publish(event: NostrEvent, isStale: () => boolean = () => false): Promise<void> {
    const underway = this.#publications.get(event.id)
    if (underway !== undefined) return underway.ended
    if (this.#isClosed) return Promise.reject(closedLink())
    const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
    const settle = (fault?: Fault) => {
      this.#publications.delete(event.id)
      if (fault === undefined) resolve()
      else reject(fault)
    }
    this.#publications.set(event.id, { event, isStale, ended, settle, ...fresh })
    this.#speak()
    return ended
  }

  /** Sends without waiting for an answer: for ephemeral events, which nobody stores. Lost while the link is not ready. */
  send(event: NostrEvent): void {
    if (this.#isReady) this.#say(['EVENT', event])
  }

  /** Tries to connect at once instead of waiting for the next attempt. */
  retryNow(): void {
    this.#socket.retryNow()
  }

  /** Ends for good whatever is asked or published, with `unavailable`. */
  close(): void {
    this.#isClosed = true
    this.#isReady = false
    this.#socket.close()
    for (const { settle } of [...this.#publications.values()]) settle(closedLink())
    const asked = [...this.#subscriptions.values()]
    this.#subscriptions.clear()
    for (const { ask } of asked) ask.onEnd?.(closedLink())
  }

  #changed(state: LinkState): void {
    this.#isReady = false
    this.#isKnown = false
    this.#signIn = undefined
    this.#deps.onState?.(state)
    if (this.#socket.isConnected) this.#greet()
  }

  /** Whoever has a key waits a little for the challenge of the new connection. */
  #greet(): void {
    for (const request of this.#requests()) Object.assign(request, fresh)
    this.#speak()
    const goOn = () => {
      if (this.#signIn === undefined) this.#becomeReady()
    }
    if (this.#deps.signer === undefined) goOn()
    else this.#socket.later(CHALLENGE_GRACE, goOn)
  }

  #becomeReady(): void {
    const isNews = !this.#isReady
    this.#isReady = true
    this.#speak()
    if (isNews) this.#deps.onReady?.()
  }

  /** Sends whatever is due on this connection and may be sent by now. */
  #speak(): void {
    if (!this.#socket.isConnected) return
    for (const [id, open] of this.#subscriptions)
      if (open.stage === 'due' && (this.#isReady || !open.ask.private)) this.#request(id, open)
    if (!this.#isReady) return
    for (const publication of this.#publications.values()) if (publication.stage === 'due') this.#publish(publication)
  }

  #request(id: string, open: Subscription): void {
    const { wire, filters } = readAsk(open.ask)
    open.filters = filters
    open.stage = 'sent'
    this.#say(['REQ', id, ...wire])
  }

  #publish(publication: Publication): void {
    publication.stage = 'sent'
    if (publication.isStale()) publication.settle(new Fault('expired', 'it has become too old to be sent'))
    else this.#say(['EVENT', publication.event])
  }

  #frame(text: string): void {
    const [verb, first, second, third] = asList(parseJson(text))
    if (verb === 'EVENT') this.#event(String(first), second)
    else if (verb === 'EOSE') this.#stored(String(first))
    else if (verb === 'OK') this.#answered(String(first), second === true, String(third ?? ''))
    else if (verb === 'CLOSED') this.#closed(String(first), String(second ?? ''))
    else if (verb === 'AUTH' && typeof first === 'string') void this.#authenticate(first)
  }

  #event(id: string, raw: unknown): void {
    const open = this.#subscriptions.get(id)
    if (open === undefined || this.#deps.skip?.(raw)) return
    const event = SignedEvent.tryOpen(raw, this.#verify)
    if (event === undefined || !open.filters.some((filter) => matches(filter, event))) return
    open.ask.onEvent(event, open.stage === 'stored')
  }

  #stored(id: string): void {
    const open = this.#subscriptions.get(id)
    if (id === PROBE) this.#say(['CLOSE', PROBE])
    if (open?.stage !== 'sent') return
    open.stage = 'stored'
    open.refusals = 0
    if (open.ask.once) this.#unsubscribe(id)
    open.ask.onStored?.()
  }

  #closed(id: string, reason: string): void {
    const open = this.#subscriptions.get(id)
    if (open === undefined || !this.#ends(open, reason)) return
    // That is no answer: whoever asked must not take it for "there is nothing".
    this.#subscriptions.delete(id)
    open.ask.onEnd?.(new Fault('unauthorized', reason))
  }

  #answered(id: string, ok: boolean, reason: string): void {
    const publication = this.#publications.get(id)
    if (id === this.#signIn?.id) this.#signedIn(ok)
    else if (publication === undefined) return
    else if (ok || /^duplicate\b/.test(reason)) publication.settle()
    else if (this.#ends(publication, reason)) publication.settle(new Fault('unauthorized', reason))
  }

  /** Whether a refusal ends a request; one that it does not end goes out again by itself. */
  #ends(request: Request, reason: string): boolean {
    request.refusals += 1
    const key = this.#deps.signer === undefined ? 'none' : this.#isKnown ? 'known' : 'unknown'
    const then = afterRefusal(reason, { refusals: request.refusals, key })
    if (then === 'ends') return true
    request.stage = then === 'locked' ? then : 'delayed'
    const again = () => {
      request.stage = 'due'
      this.#speak()
    }
    if (then !== 'locked') this.#socket.later(then, again)
    return false
  }

  async #authenticate(challenge: string): Promise<void> {
    const { signer, url, clock } = this.#deps
    if (signer === undefined || this.#signIn?.challenge === challenge) return
    const signIn: { challenge: string; id?: string } = { challenge }
    this.#signIn = signIn
    const event = await signedBy(signer, encodeRelayAuth(url, challenge, clock.now()))
    // A person may take longer than the connection lasts, and the next one has a challenge of its own.
    if (this.#signIn !== signIn) return
    if (event === undefined) return this.#signedIn(false)
    signIn.id = event.id
    this.#say(['AUTH', event])
    this.#socket.later(SIGN_IN_GRACE, () => this.#becomeReady())
  }

  /** Without it, what is public can still be read; what is private stays locked. */
  #signedIn(ok: boolean): void {
    this.#isKnown = ok
    if (!ok) this.#signIn = undefined
    if (ok) for (const request of this.#requests()) if (request.stage === 'locked') request.stage = 'due'
    this.#becomeReady()
  }

  #requests(): Request[] {
    return [...this.#subscriptions.values(), ...this.#publications.values()]
  }

  #unsubscribe(id: string): void {
    const open = this.#subscriptions.get(id)
    this.#subscriptions.delete(id)
    if (open?.stage === 'sent' || open?.stage === 'stored') this.#say(['CLOSE', id])
  }

  #say(message: unknown[]): void {
    this.#socket.send(JSON.stringify(message))
  }
}

/** The signer's event; nothing when it refuses. */
async function signedBy(signer: Signer, template: EventTemplate): Promise<NostrEvent | undefined> {
  try {
    return await signer.sign(template)
  } catch {
    return undefined
  }
}

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

const closedLink = (): Fault => new Fault('unavailable', 'the link was closed')
