import { describe, expect, test } from 'vitest'
import { bytesToHex } from '#nips/kit/bytes'
import { byPosition, type Position } from '../store/store.ts'
import { type Random, randomFrom } from '../testing/random.ts'
import { differences } from './differences.ts'
import { createGathering, type Records } from './records.ts'
import { DONE, initiate, reconcile, respond } from './respond.ts'

const result = <T>(steps: Generator<void, T>): T => {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

function recordsOf(places: readonly Position[]): Records {
  const gathering = createGathering()
  gathering.add(places.toSorted(byPosition))
  return result(gathering.seal())
}

const placesBy = (random: Random, count: number): Position[] =>
  Array.from({ length: count }, () => ({
    createdAt: random.whole(count / 2 + 1),
    id: bytesToHex(Uint8Array.from({ length: 32 }, () => random.whole(256))),
  }))

/** Runs both sides to the end; gives what each lacks and how many messages that took. */
function sync(here: readonly Position[], there: readonly Position[], most: number) {
  const [ours, theirs] = [recordsOf(here), recordsOf(there)]
  const have = new Set<string>()
  const need = new Set<string>()
  let message = initiate(ours)
  let rounds = 0
  while (message !== DONE) {
    rounds += 1
    const answer = result(respond(theirs, message, most))
    message = result(
      reconcile(ours, answer, {
        most,
        compare(a, b) {
          const found = differences(a, b)
          for (const id of found.have) have.add(id)
          for (const id of found.need) need.add(id)
        },
      }),
    )
  }
  return { have, need, rounds }
}

describe('two sides that differ', () => {
  test.each([
    { here: 0, there: 0, both: 0, most: 60_000 },
    { here: 1, there: 0, both: 0, most: 60_000 },
    { here: 0, there: 500, both: 0, most: 4096 },
    { here: 500, there: 0, both: 0, most: 4096 },
    { here: 3, there: 5, both: 5000, most: 60_000 },
    { here: 900, there: 1100, both: 2000, most: 4096 },
    { here: 0, there: 0, both: 3000, most: 60_000 },
  ])('find out what each lacks: $here and $there besides $both', ({ here, there, both, most }) => {
    const random = randomFrom(here * 7 + there * 3 + both)
    const [a, b, shared] = [placesBy(random, here), placesBy(random, there), placesBy(random, both)]
    const { have, need, rounds } = sync([...a, ...shared], [...b, ...shared], most)
    expect([...have].toSorted()).toEqual(a.map(({ id }) => id).toSorted())
    expect([...need].toSorted()).toEqual(b.map(({ id }) => id).toSorted())
    expect(rounds).toBeLessThan(100)
  })
})
