import { SignedEvent } from './event.ts'
import { type Filter, matches, parseFilter } from './filter.ts'
import type { EventTemplate, NostrEvent, Verify } from './keys.ts'
import { parseJson } from './kit/bytes.ts'
import type { Clock } from './kit/clock.ts'
import { Fault, type FaultCode } from './kit/fault.ts'
import { encodeRelayAuth } from './nip42.ts'

/** The part of a WebSocket that is used; browsers', Node's and Bun's all fit. */
export type Socket = {
  send(text: string): void
  close(): void
  addEventListener(name: 'open' | 'close' | 'error', listener: () => void): void
  addEventListener(name: 'message', listener: (message: { data: unknown }) => void): void
}

/** A filter as it is sent, NIP-01's JSON. */
export type WireFilter = Record<string, unknown>

export type Signer = { readonly pubkey: string; sign(template: EventTemplate): NostrEvent | Promise<NostrEvent> }

export type LinkState = 'connecting' | 'connected' | 'offline'

export type LinkDeps = {
  url: string
  open: (url: string) => Socket
  clock: Clock
  /** Signs NIP-42 challenges; without one, private kinds stay closed. */
  signer?: Signer
  verify?: Verify
  onState?: (state: LinkState, retryInMs: number) => void
}

export type Subscription = {
  onEvent: (event: SignedEvent) => void
  /** Everything stored has been sent; called again after every reconnection. */
  onEose?: () => void
  /** The relay refuses it for good, in its own words. */
  onClosed?: (reason: string) => void
}

/** Milliseconds between attempts to connect, growing from the first to the second. */
const BACKOFF = [400, 15_000] as const
/** Milliseconds that requests wait for a challenge, and then for its signature, so that they need not be sent twice. */
const CHALLENGE_WAIT = 250
const SIGNATURE_WAIT = 2000

/** Filters, or what makes them anew for every REQ: a `since` that moves with the clock. */
type Wanted = WireFilter[] | (() => WireFilter[])
type Open = { wanted: Wanted; filters: Filter[]; sink: Subscription; refusedForAuth: boolean }
type Pending = { event: NostrEvent; ended: Promise<void>; settle: (reason: string | undefined) => void }

const CLOSED = 'error: the link was closed'

/**
 * One lasting connection to a relay. After any cut the same REQs are sent again without `since`, and events that
 * were not confirmed are sent again: ids make both harmless. Every event is checked and matched before it is handed on.
 */
export class RelayLink {
  readonly #deps: LinkDeps
  readonly #subscriptions = new Map<string, Open>()
  readonly #pending = new Map<string, Pending>()
  readonly #queries = new Set<() => void>()
  #socket: Socket | undefined
  #ready = false
  #authId: string | undefined
  #attempt = 0
  #count = 0
  #stopped = false
  #wake: (() => void) | undefined

  constructor(deps: LinkDeps) {
    this.#deps = deps
    this.#connect()
  }

  /** Opens a subscription that outlives reconnections; the returned function ends it. */
  subscribe(wanted: Wanted, sink: Subscription): () => void {
    this.#count += 1
    const id = `s${this.#count}`
    const open: Open = { wanted, filters: [], sink, refusedForAuth: false }
    this.#subscriptions.set(id, open)
    if (this.#ready) this.#request(id, open)
    return () => {
      if (this.#subscriptions.delete(id) && this.#ready) this.#say(['CLOSE', id])
    }
  }

  /** Everything stored that matches, then ends the subscription. Rejects when the relay refuses or the link is closed. */
  query(wire: WireFilter[]): Promise<SignedEvent[]> {
    const { promise, resolve, reject } = Promise.withResolvers<SignedEvent[]>()
    const abandon = () => reject(new Fault('unavailable', CLOSED))
    if (this.#stopped) abandon()
    this.#queries.add(abandon)
    const found = new Map<string, SignedEvent>()
    const close = this.subscribe(wire, {
      onEvent: (event) => found.set(event.id, event),
      onEose: () => {
        close()
        resolve([...found.values()])
      },
      onClosed: (reason) => reject(new Fault('unavailable', `the relay refused the query: ${reason}`)),
    })
    return promise.finally(() => this.#queries.delete(abandon))
  }

  /**
   * Resolves when the relay has stored the event (or had it); rejects with its words when it refuses it for good, and
   * with `unavailable` when the link is closed.
   */
  publish(event: NostrEvent): Promise<void> {
    const underway = this.#pending.get(event.id)
    if (underway !== undefined) return underway.ended
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const settle = (reason: string | undefined) => {
      this.#pending.delete(event.id)
      if (reason === undefined) resolve()
      else reject(new Fault(refusalCode(reason), reason))
    }
    this.#pending.set(event.id, { event, ended: promise, settle })
    if (this.#stopped) settle(CLOSED)
    else if (this.#ready) this.#say(['EVENT', event])
    return promise
  }

  /** Sends without waiting for an answer: for ephemeral events, which nobody stores. Lost while offline. */
  send(event: NostrEvent): void {
    if (this.#ready) this.#say(['EVENT', event])
  }

  /** Tries to connect at once instead of waiting for the next attempt. */
  retryNow(): void {
    this.#wake?.()
  }

  close(): void {
    this.#stopped = true
    this.#socket?.close()
    this.#wake?.()
    for (const { settle } of [...this.#pending.values()]) settle(CLOSED)
    for (const abandon of [...this.#queries]) abandon()
  }

  #say(message: unknown[]): void {
    this.#socket?.send(JSON.stringify(message))
  }

  #connect(): void {
    this.#tell('connecting', 0)
    const socket = this.#deps.open(this.#deps.url)
    this.#socket = socket
    let over = false
    socket.addEventListener('open', () => void this.#greet(socket))
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) void this.#receive(String(data))
    })
    const onEnd = () => {
      if (over) return
      over = true
      void this.#reconnect()
    }
    socket.addEventListener('close', onEnd)
    socket.addEventListener('error', onEnd)
  }

  /** A relay that wants to know us says so first; everybody else gets the requests after a short wait. */
  async #greet(socket: Socket): Promise<void> {
    if (this.#deps.signer) await this.#deps.clock.sleep(CHALLENGE_WAIT)
    if (this.#authId !== undefined) await this.#deps.clock.sleep(SIGNATURE_WAIT)
    if (socket === this.#socket && !this.#ready) this.#start()
  }

  #start(): void {
    this.#ready = true
    this.#attempt = 0
    this.#tell('connected', 0)
    for (const [id, open] of this.#subscriptions) this.#request(id, open)
    for (const { event } of this.#pending.values()) this.#say(['EVENT', event])
  }

  async #reconnect(): Promise<void> {
    this.#ready = false
    this.#authId = undefined
    this.#socket = undefined
    if (this.#stopped) return
    const wait = Math.min(BACKOFF[0] * 2 ** this.#attempt, BACKOFF[1])
    this.#attempt += 1
    this.#tell('offline', wait)
    await Promise.race([this.#deps.clock.sleep(wait), new Promise<void>((resolve) => (this.#wake = resolve))])
    this.#wake = undefined
    if (!this.#stopped) this.#connect()
  }

  #tell(state: LinkState, retryInMs: number): void {
    this.#deps.onState?.(state, retryInMs)
  }

  #request(id: string, open: Open): void {
    const wire = typeof open.wanted === 'function' ? open.wanted() : open.wanted
    open.filters = wire.map((filter) => parseFilter(filter))
    open.refusedForAuth = false
    this.#say(['REQ', id, ...wire])
  }

  async #receive(data: string): Promise<void> {
    const message = parseJson(data)
    if (!Array.isArray(message)) return
    const [verb, first, second, third] = message
    if (verb === 'AUTH' && typeof first === 'string') await this.#authenticate(first)
    else if (verb === 'OK') this.#confirm(String(first), second === true, String(third ?? ''))
    else if (verb === 'EVENT') this.#deliver(String(first), second)
    else if (verb === 'EOSE') this.#subscriptions.get(String(first))?.sink.onEose?.()
    else if (verb === 'CLOSED') this.#refused(String(first), String(second ?? ''))
  }

  async #authenticate(challenge: string): Promise<void> {
    const { signer, url, clock } = this.#deps
    if (signer === undefined || this.#authId !== undefined) return
    const socket = this.#socket
    this.#authId = 'signing'
    const event = await signed(signer, encodeRelayAuth(url, challenge, clock.now()))
    // A person may take longer than the connection lasts, and the next one has a challenge of its own.
    if (socket !== this.#socket) return
    if (event === undefined) return this.#signedIn(false)
    this.#authId = event.id
    this.#say(['AUTH', event])
  }

  #confirm(id: string, ok: boolean, reason: string): void {
    const pending = this.#pending.get(id)
    if (id === this.#authId) this.#signedIn(ok)
    if (pending === undefined) return
    if (ok || reason.startsWith('duplicate:')) pending.settle(undefined)
    else if (reason.startsWith('auth-required:') && this.#deps.signer) return
    else if (!reason.startsWith('error:')) pending.settle(reason)
    else void this.#deps.clock.sleep(1000).then(() => this.#repeat(id))
  }

  /** Without a connection there is nothing to do: the next one begins with everything that is pending. */
  #repeat(id: string): void {
    const pending = this.#pending.get(id)
    if (pending !== undefined && this.#ready) this.#say(['EVENT', pending.event])
  }

  #signedIn(ok: boolean): void {
    if (!ok) this.#authId = undefined
    if (!this.#ready) this.#start()
    else if (ok) this.#askAgain()
  }

  /** What was refused for want of a key goes out again, now that the relay knows ours. */
  #askAgain(): void {
    for (const [id, open] of this.#subscriptions) if (open.refusedForAuth) this.#request(id, open)
    for (const { event } of this.#pending.values()) this.#say(['EVENT', event])
  }

  #deliver(id: string, raw: unknown): void {
    const open = this.#subscriptions.get(id)
    if (open === undefined) return
    const event = SignedEvent.tryOpen(raw, this.#deps.verify)
    if (event !== undefined && open.filters.some((filter) => matches(filter, event))) open.sink.onEvent(event)
  }

  #refused(id: string, reason: string): void {
    const open = this.#subscriptions.get(id)
    if (open === undefined) return
    if (/^(ERROR: )?auth-required:/.test(reason) && this.#deps.signer) {
      open.refusedForAuth = true
      return
    }
    this.#subscriptions.delete(id)
    open.sink.onClosed?.(reason)
  }
}

/** The signer's event; nothing when it refuses. */
async function signed(signer: Signer, template: EventTemplate): Promise<NostrEvent | undefined> {
  try {
    return await signer.sign(template)
  } catch {
    return undefined
  }
}

function refusalCode(reason: string): FaultCode {
  if (reason.startsWith('rate-limited')) return 'rate-limited'
  return reason === CLOSED ? 'unavailable' : 'unauthorized'
}
