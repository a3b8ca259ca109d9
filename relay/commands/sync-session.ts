import { Fault } from '#nips/kit/fault'
import { differences } from '../negentropy/differences.ts'
import type { Records } from '../negentropy/records.ts'
import { DONE, reconcile } from '../negentropy/respond.ts'
import type { Plugin } from '../plugin/plugin.ts'
import { toJson } from '../store/store.ts'
import type { Context } from './command.ts'
import { type Filters, mayLeave } from './filters.ts'
import type { Intake } from './intake.ts'
import type { Remote, Said } from './remote.ts'

/** Which way events go. */
export type Direction = { readonly up: boolean; readonly down: boolean }

/** Events that may wait for an OK at once; more are sent when half of them are answered. */
const UP = 100
/** Events that are asked for at once. */
const DOWN = 50

type Deps = Pick<Context, 'store' | 'say'> & {
  plugin: Pick<Plugin, 'ask'>
  remote: Remote
  records: Records
  filters: Filters
  intake: Intake
  url: string
}

/** One comparison with another relay, and the exchange that follows from it. */
export class SyncSession {
  readonly #deps: Deps
  readonly #limits: Direction & { frame: number }
  readonly #have = new Set<string>()
  readonly #need = new Set<string>()
  readonly #toSend: string[] = []
  readonly #toFetch: string[] = []
  readonly #arriving: Promise<void>[] = []
  #inFlight = 0
  #isFetching = false
  #isCompared = false
  #isUnderstood = false

  constructor(deps: Deps, limits: Direction & { frame: number }) {
    this.#deps = deps
    this.#limits = limits
  }

  get isOver(): boolean {
    const waiting = this.#inFlight + this.#toSend.length + this.#toFetch.length
    return this.#isCompared && !this.#isFetching && waiting === 0
  }

  /** What each side lacks, a line for each event. */
  get missing(): string {
    return [...[...this.#have].map((id) => `have,${id}\n`), ...[...this.#need].map((id) => `need,${id}\n`)].join('')
  }

  /** Takes one message of the other relay. Throws a Fault where it does not go on. */
  async take(said: Said): Promise<void> {
    await this.#hear(said)
    await this.#sendMore()
    this.#fetchMore()
  }

  async #hear(said: Said): Promise<void> {
    const { say } = this.#deps
    switch (said[0]) {
      case 'NEG-MSG':
        return this.#compare(String(said[2]))
      case 'NEG-ERR':
        throw new Fault('unavailable', `the relay refused: ${said.slice(2).join(' ')}`)
      case 'OK':
        this.#inFlight -= 1
        if (said[2] !== true) say(`Unable to upload event ${String(said[1])}: ${String(said[3])}`)
        return
      case 'EVENT':
        this.#arriving.push(this.#receive(said[2]))
        return
      case 'CLOSED':
        say(`The relay does not give its events: ${String(said[2])}`)
        return this.#endFetching()
      case 'EOSE':
        return this.#endFetching()
      case 'NOTICE':
        say(`NOTICE from relay: ${String(said[1])}`)
        if (!this.#isUnderstood) throw new Fault('unavailable', 'the relay does not seem to know NIP-77')
    }
  }

  #compare(message: string): void {
    const { remote, records, say } = this.#deps
    this.#isUnderstood = true
    const steps = reconcile(records, message, {
      most: this.#limits.frame,
      compare: (ours, theirs) => {
        const found = differences(ours, theirs)
        note(found.have, this.#have, this.#limits.up ? this.#toSend : [])
        note(found.need, this.#need, this.#limits.down ? this.#toFetch : [])
      },
    })
    const answer = drain(steps)
    this.#isCompared = answer === DONE
    if (!this.#isCompared) {
      remote.say('NEG-MSG', 'N', answer)
      return
    }
    say(`Set reconcile complete. Have ${this.#have.size} need ${this.#need.size}`)
    remote.say('NEG-CLOSE', 'N')
  }

  /** Sends events of ours, but not those that are gone meanwhile or are nobody's but their parties'. */
  async #sendMore(): Promise<void> {
    const { store, remote, filters } = this.#deps
    if (this.#inFlight > UP / 2) return
    for (let id = this.#toSend.pop(); id !== undefined; id = this.#inFlight < UP ? this.#toSend.pop() : undefined) {
      const event = await store().get(id)
      if (!event || !mayLeave(event, filters)) continue
      remote.send(`["EVENT",${toJson(event)}]`)
      this.#inFlight += 1
    }
  }

  async #endFetching(): Promise<void> {
    await Promise.all(this.#arriving.splice(0))
    this.#isFetching = false
  }

  #fetchMore(): void {
    if (this.#isFetching || this.#toFetch.length === 0) return
    this.#isFetching = true
    this.#deps.remote.say('REQ', 'R', { ids: this.#toFetch.splice(-DOWN) })
  }

  /** Takes an event that was asked for and that the write-policy plugin lets pass. */
  #receive(raw: unknown): Promise<void> {
    const { plugin, intake, say, url } = this.#deps
    return intake.add(raw, async (event) => {
      if (!this.#need.has(event.id)) return false
      const { action, msg } = await plugin.ask(event, { type: 'Sync', info: url })
      if (action !== 'accept' && msg !== '') say(`write policy blocked event ${event.id}: ${msg}`)
      return action === 'accept'
    })
  }
}

function note(ids: readonly string[], known: Set<string>, queue: string[]): void {
  for (const id of ids) {
    if (!known.has(id)) queue.push(id)
    known.add(id)
  }
}

/** Runs something that yields to others where there are none. */
export function drain<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}
