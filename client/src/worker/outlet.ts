import type { Clock } from '#nips/kit/clock'
import type { FromWorker, Patch, SliceName, TableName, TurnView, View } from '../model.ts'

/** Milliseconds between two batches: one frame. */
const FRAME = 16

/** What the page was told and what it still has to be told; only the newest value of anything travels. */
export class Outlet {
  readonly #post: (message: FromWorker) => void
  readonly #clock: Clock
  readonly #waiting = new Map<string, () => Patch[]>()
  /** Turns as the page has them, so that a growing answer is sent as what was added. */
  readonly #told = new Map<string, TurnView>()
  /** Slices as the page has them: what did not change does not wake it. */
  readonly #slices = new Map<SliceName, string>()
  #timed = false

  constructor(post: (message: FromWorker) => void, clock: Clock) {
    this.#post = post
    this.#clock = clock
  }

  slice<K extends SliceName>(slice: K, value: View[K]): void {
    this.#later(slice, () => {
      const text = JSON.stringify(value)
      if (this.#slices.get(slice) === text) return []
      this.#slices.set(slice, text)
      return [{ slice, value } as Patch]
    })
  }

  row<K extends Exclude<TableName, 'turns'>>(table: K, key: string, row: View[K][string] | null): void {
    this.#later(`${table}/${key}`, () => [{ table, key, row } as Patch])
  }

  turn(id: string, turn: TurnView | null): void {
    this.#later(`turns/${id}`, () => this.#turnPatches(id, turn))
  }

  /** Empties a table; whatever was about to be sent for it is forgotten. */
  clear(table: TableName): void {
    for (const key of this.#waiting.keys()) if (key.startsWith(`${table}/`)) this.#waiting.delete(key)
    if (table === 'turns') this.#told.clear()
    this.#later(table, () => [{ clear: table }])
  }

  /** A line that appears for some seconds. */
  notice(text: string): void {
    this.#post({ type: 'notice', text })
  }

  /** Sends what waits now; the first paint does not wait for a frame. */
  flush(): void {
    const patches = [...this.#waiting.values()].flatMap((make) => make())
    this.#waiting.clear()
    if (patches.length > 0) this.#post({ type: 'patches', patches })
  }

  #later(key: string, make: () => Patch[]): void {
    this.#waiting.set(key, make)
    if (this.#timed) return
    this.#timed = true
    this.#clock.sleep(FRAME).then(
      () => {
        this.#timed = false
        this.flush()
      },
      () => undefined,
    )
  }

  #turnPatches(id: string, turn: TurnView | null): Patch[] {
    const told = this.#told.get(id)
    if (turn === null) {
      this.#told.delete(id)
      return [{ table: 'turns', key: id, row: null }]
    }
    this.#told.set(id, turn)
    const added = told === undefined ? undefined : growth(told, turn)
    if (added === undefined) return [{ table: 'turns', key: id, row: turn }]
    return added === '' ? [] : [{ grow: id, text: added }]
  }
}

/** What was added to the answer, when nothing else differs; `undefined` otherwise. */
function growth(before: TurnView, after: TurnView): string | undefined {
  if (!after.answer.startsWith(before.answer)) return undefined
  const { answer: _before, ...restBefore } = before
  const { answer: _after, ...restAfter } = after
  if (JSON.stringify(restBefore) !== JSON.stringify(restAfter)) return undefined
  return after.answer.slice(before.answer.length)
}
