import { isOver } from '#nips/job-state'
import type { Clock } from '#nips/kit/clock'
import type { TurnView } from '../model.ts'
import type { Database } from './database.ts'
import type { Draft } from './draft.ts'
import { type Entry, turnIdOf, turnOf } from './entry.ts'

/** A turn as the database keeps it. `requests` are the events it was made from. */
type Kept = { turn: TurnView; owner: string; service: string; requests: string[] }

export type TranscriptDeps = {
  db: Database
  clock: Clock
  owner: string
  service: string
  show(id: string, turn: TurnView | null): void
  /** The gateway a draft's provision job makes, once that is known. */
  gatewayOf(provisionDraft: string): string | undefined
}

const isFinal = ({ stage }: TurnView): boolean => stage === 'done' || stage === 'failed' || stage === 'stopped'

/** Every turn of every thread, put together from the cache, from what waits to be sent, and from the jobs themselves. */
export class Transcript {
  readonly #deps: TranscriptDeps
  readonly #kept = new Map<string, Kept>()
  readonly #drafts = new Map<string, Draft>()
  readonly #entries = new Map<string, Map<string, Entry>>()
  readonly #stopping = new Set<string>()
  readonly #shown = new Map<string, TurnView>()
  readonly #unsaved = new Set<string>()

  constructor(deps: TranscriptDeps) {
    this.#deps = deps
  }

  /** Shows what the last visit knew. */
  async load(): Promise<void> {
    for (const kept of await this.#deps.db.all<Kept>('turns')) {
      if (kept.owner !== this.#deps.owner || kept.service !== this.#deps.service) continue
      this.#kept.set(kept.turn.id, kept)
      this.refresh(kept.turn.id)
    }
  }

  draft(id: string, draft: Draft | undefined): void {
    if (draft === undefined) this.#drafts.delete(id)
    else if (draft.job?.name === 'chat') this.#drafts.set(id, draft)
    this.refresh(id)
  }

  entry(entry: Entry): void {
    const id = turnIdOf(entry)
    const same = this.#entries.get(id) ?? new Map<string, Entry>()
    this.#entries.set(id, same.set(entry.id, entry))
    this.refresh(id)
  }

  stopping(id: string): void {
    this.#stopping.add(id)
    this.refresh(id)
  }

  get(id: string): TurnView | undefined {
    return this.#shown.get(id)
  }

  /** The request whose run is this turn. */
  requestOf(id: string): Entry | undefined {
    return furthest([...(this.#entries.get(id)?.values() ?? [])])
  }

  /** Whether an earlier turn of the thread has not ended yet. */
  isBusy({ instance, thread, id, at }: { instance: string; thread: string; id: string; at: number }): boolean {
    return [...this.#shown.values()].some(
      (turn) =>
        turn.instance === instance &&
        turn.thread === thread &&
        turn.id !== id &&
        !isFinal(turn) &&
        turn.sent !== 'refused' &&
        (turn.at < at || turn.sent !== 'queued'),
    )
  }

  /** Whether a request's turn is known to its end, so that its events need not be read again. */
  isSettled(request: string): boolean {
    for (const { turn, requests } of this.#kept.values()) if (requests.includes(request)) return isFinal(turn)
    return false
  }

  refresh(id: string): void {
    const turn = this.#compose(id)
    if (turn === undefined) {
      if (this.#shown.delete(id)) this.#deps.show(id, null)
      return
    }
    this.#shown.set(id, turn)
    this.#unsaved.add(id)
    this.#deps.show(id, turn)
  }

  /** Time alone can end a turn. */
  refreshOpen(): void {
    for (const turn of this.#shown.values()) if (!isFinal(turn)) this.refresh(turn.id)
  }

  async save(): Promise<void> {
    const ids = [...this.#unsaved]
    this.#unsaved.clear()
    const { db, owner, service } = this.#deps
    for (const id of ids) {
      const turn = this.#shown.get(id)
      const requests = [...(this.#entries.get(id)?.keys() ?? [])]
      // A turn with a draft lives in the outbox; one that only came from the cache is there already.
      if (turn === undefined || requests.length === 0) continue
      const kept = { turn, owner, service, requests }
      this.#kept.set(id, kept)
      await db.put('turns', id, kept)
    }
  }

  async forget(id: string): Promise<void> {
    this.#kept.delete(id)
    this.#entries.delete(id)
    this.refresh(id)
    await this.#deps.db.remove('turns', id)
  }

  #compose(id: string): TurnView | undefined {
    const draft = this.#drafts.get(id)
    const entry = this.requestOf(id)
    const kept = this.#kept.get(id)?.turn
    if (entry === undefined) return draft === undefined ? kept : this.#ofDraft(draft)
    const turn = turnOf(entry, this.#deps.clock.now())
    if (draft?.error !== undefined) return { ...turn, sent: 'refused', stage: 'failed', error: draft.error }
    // The cache may know more than what the relay has sent so far after a reload.
    const answer = kept?.answer.startsWith(turn.answer) && !isOver(entry.state) ? kept.answer : turn.answer
    const stopping = this.#stopping.has(id) && !isFinal(turn)
    const stage = answer !== '' && !isFinal(turn) ? 'writing' : turn.stage
    return { ...turn, stage, answer, at: Math.min(turn.at, draft?.at ?? turn.at), ...(stopping ? { stopping } : {}) }
  }

  #ofDraft({ id, at, job, after, error }: Draft): TurnView {
    const { instance, thread, text } = job?.input ?? {}
    return {
      id,
      instance: after === undefined ? String(instance) : (this.#deps.gatewayOf(after) ?? ''),
      thread: String(thread),
      at,
      text: String(text),
      sent: error === undefined ? 'queued' : 'refused',
      stage: error === undefined ? 'waiting' : 'failed',
      answer: '',
      ...(error === undefined ? {} : { error }),
    }
  }
}

/** Of several requests with one intent, the one that got furthest tells. */
function furthest(entries: Entry[]): Entry | undefined {
  const rank = ({ state }: Entry): number => (isOver(state) ? 2 : state.stage === 'asked' ? 0 : 1)
  return entries.sort((a, b) => rank(b) - rank(a) || b.at - a.at)[0]
}
