import type { Cipher } from '#nips/cipher'
import { type SignedEvent, tag } from '#nips/event'
import { decodeAnswer } from '#nips/job-answers'
import { decodeRequest } from '#nips/job-events'
import { hasGap, isOver } from '#nips/job-state'
import { jobOfKind } from '#nips/jobs/index'
import { kind } from '#nips/kinds'
import type { Clock } from '#nips/kit/clock'
import { type Entry, entryOf, follow } from './entry.ts'

export type LedgerDeps = {
  me: string
  service: string
  cipher: Cipher
  clock: Clock
  changed(entry: Entry): void
  /** Deltas are missing for this request: ask the relay for its checkpoint. */
  gap(request: string): void
}

/** Milliseconds a missing delta may be late. */
const PATIENCE = 1200
/** Answers kept for requests that have not been seen; the oldest go first. */
const MAX_ORPHANS = 500

/** All my jobs, each the fold of its events in whatever order they come. */
export class Ledger {
  readonly #deps: LedgerDeps
  readonly #entries = new Map<string, Entry>()
  readonly #orphans = new Map<string, { event: SignedEvent; live: boolean }[]>()
  readonly #gaps = new Set<string>()
  #queue: Promise<void> = Promise.resolve()

  constructor(deps: LedgerDeps) {
    this.#deps = deps
  }

  /** Takes a verified event, after all events before it. What cannot be read is left out. */
  take(event: SignedEvent, live: boolean): Promise<void> {
    this.#queue = this.#queue
      .then(() => (event.pubkey === this.#deps.me ? this.#request(event, live) : this.#answer(event, live)))
      .catch(() => undefined)
    return this.#queue
  }

  /** Resolves when everything taken so far has been read. */
  settled(): Promise<void> {
    return this.#queue
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  all(): Entry[] {
    return [...this.#entries.values()]
  }

  /** A request of mine: `there` when it came from the relay and not from this tab. */
  async request(event: SignedEvent, there: boolean): Promise<void> {
    const job = jobOfKind(event.kind)
    if (job === undefined) return
    const known = this.#entries.get(event.id)
    if (known !== undefined) return known.there === there ? undefined : this.#set({ ...known, there: true })
    const { service, cipher } = this.#deps
    // The requester's side of the same conversation: it is sealed to the service, not to me.
    const own: Cipher = { ...cipher, decrypt: (_me, sealed) => cipher.decrypt(service, sealed) }
    this.#set(entryOf(await decodeRequest(event, job, { pubkey: service, cipher: own }), there))
    const waiting = this.#orphans.get(event.id) ?? []
    this.#orphans.delete(event.id)
    for (const { event: answer, live } of waiting.sort(endsFirst))
      await this.#answer(answer, live).catch(() => undefined)
  }

  #request(event: SignedEvent, _live: boolean): Promise<void> {
    return this.request(event, true)
  }

  async #answer(event: SignedEvent, live: boolean): Promise<void> {
    const id = tag(event, 'e')
    if (id === undefined) return
    const entry = this.#entries.get(id)
    if (entry === undefined) return this.#keepOrphan(id, { event, live })
    if (isOver(entry.state)) return
    const { cipher, service, clock } = this.#deps
    const answer = await decodeAnswer(event, entry.job, { cipher, peer: service })
    const latest = this.#entries.get(id) ?? entry
    this.#set(follow(latest, answer, live ? clock.now() : event.created_at))
    this.#watchGap(id)
  }

  #set(entry: Entry): void {
    this.#entries.set(entry.id, entry)
    this.#deps.changed(entry)
  }

  #keepOrphan(id: string, orphan: { event: SignedEvent; live: boolean }): void {
    this.#orphans.set(id, [...(this.#orphans.get(id) ?? []), orphan])
    const oldest = this.#orphans.size > MAX_ORPHANS ? this.#orphans.keys().next().value : undefined
    if (oldest !== undefined) this.#orphans.delete(oldest)
  }

  #watchGap(id: string): void {
    const isOpen = () => {
      const state = this.#entries.get(id)?.state
      return state !== undefined && hasGap(state)
    }
    if (!isOpen() || this.#gaps.has(id)) return
    this.#gaps.add(id)
    this.#deps.clock.sleep(PATIENCE).then(
      () => {
        this.#gaps.delete(id)
        if (isOpen()) this.#deps.gap(id)
      },
      () => undefined,
    )
  }
}

/** A result settles a job, and then the rest need not be decrypted. */
const endsFirst = (a: { event: SignedEvent }, b: { event: SignedEvent }): number =>
  weight(a.event) - weight(b.event) || a.event.created_at - b.event.created_at

const weight = ({ kind: number }: SignedEvent): number => (number === kind.feedback ? 1 : number < 7000 ? 0 : 2)
