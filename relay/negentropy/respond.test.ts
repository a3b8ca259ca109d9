import { nip77 } from 'nostr-tools'
import { describe, expect, test } from 'vitest'
import { byPosition, type Position } from '../store/store.ts'
import { type Random, randomFrom } from '../testing/random.ts'
import { createGathering, type Records } from './records.ts'
import { respond } from './respond.ts'

function finish<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

function recordsFrom(places: readonly Position[]): Records {
  const gathering = createGathering()
  gathering.add([...places].sort(byPosition))
  return finish(gathering.seal())
}

const idFrom = (random: Random): string =>
  Array.from({ length: 8 }, () =>
    random
      .whole(2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('')
/** Many share a date, and some of those the beginning of their ids. */
const placeFrom = (random: Random): Position => ({
  createdAt: random.chance(0.2) ? 1_700_000_000 : random.whole(1_700_000_000),
  id: random.chance(0.1) ? `ffff${idFrom(random).slice(4)}` : idFrom(random),
})

/** Compares as a client of nostr-tools does, and says in how many rounds it learned what. */
function compare(
  theirs: readonly Position[],
  ours: readonly Position[],
  { frame = 500_000, theirFrame = 60_000 } = {},
) {
  const storage = new nip77.NegentropyStorageVector()
  for (const { createdAt, id } of theirs) storage.insert(createdAt, id)
  storage.seal()
  const client = new nip77.Negentropy(storage, theirFrame)
  const records = recordsFrom(ours)
  const [have, need] = [new Set<string>(), new Set<string>()]
  let message: string | null = client.initiate()
  for (let rounds = 1; ; rounds++) {
    const answer = finish(respond(records, message, frame))
    expect(answer.length / 2).toBeLessThanOrEqual(frame)
    message = client.reconcile(
      answer,
      (id) => have.add(id),
      (id) => need.add(id),
    )
    if (message === null) return { have: [...have].sort(), need: [...need].sort(), rounds }
    if (rounds > 200) throw new Error('no end of rounds')
  }
}

/** The same, by hand. */
function difference(of: readonly Position[], without: readonly Position[]): string[] {
  const there = new Set(without.map(({ id }) => id))
  return of.flatMap(({ id }) => (there.has(id) ? [] : [id])).sort()
}

describe('what a client learns', () => {
  test.each([
    { shared: 0, theirs: 0, ours: 0 },
    { shared: 0, theirs: 1, ours: 0 },
    { shared: 0, theirs: 0, ours: 1 },
    { shared: 31, theirs: 1, ours: 1 },
    { shared: 32, theirs: 0, ours: 0 },
    { shared: 0, theirs: 40, ours: 40 },
    { shared: 1000, theirs: 3, ours: 5 },
    { shared: 20_000, theirs: 0, ours: 0 },
    { shared: 0, theirs: 0, ours: 20_000 },
    { shared: 0, theirs: 20_000, ours: 0 },
    { shared: 19_000, theirs: 500, ours: 500 },
    { shared: 100, theirs: 8000, ours: 8000 },
  ])('is the difference of the sets: $shared in common, $theirs and $ours apart', ({ shared, theirs, ours }) => {
    const random = randomFrom(shared + 3 * theirs + 7 * ours)
    const make = (count: number) => Array.from({ length: count }, () => placeFrom(random))
    const common = make(shared)
    const [client, relay] = [
      [...common, ...make(theirs)],
      [...common, ...make(ours)],
    ]
    expect(compare(client, relay)).toMatchObject({ have: difference(client, relay), need: difference(relay, client) })
  })

  test.each(Array.from({ length: 60 }, (_, seed) => ({ seed })))(
    'is the difference of random sets ($seed)',
    ({ seed }) => {
      const random = randomFrom(seed)
      const all = Array.from({ length: random.whole(3000) }, () => placeFrom(random))
      const [left, right] = [random.whole(100) / 100, random.whole(100) / 100]
      const [client, relay] = [random.some(all, left), random.some(all, right)]
      const frames = { frame: random.pick([4096, 6000, 20_000, 500_000]), theirFrame: random.pick([4096, 60_000]) }
      expect(compare(client, relay, frames)).toMatchObject({
        have: difference(client, relay),
        need: difference(relay, client),
      })
    },
  )

  test('is the same with all of one date', () => {
    const random = randomFrom(4)
    const all = Array.from({ length: 5000 }, () => ({ createdAt: 7, id: idFrom(random) }))
    expect(compare(all.slice(0, 4990), all.slice(10))).toMatchObject({
      have: difference(all.slice(0, 10), []),
      need: difference(all.slice(4990), []),
    })
  })

  test('takes few rounds when little differs', () => {
    const random = randomFrom(5)
    const all = Array.from({ length: 20_000 }, () => placeFrom(random))
    expect(compare(all, all).rounds).toBe(1)
    expect(compare(all, all.slice(1)).rounds).toBeLessThanOrEqual(4)
  })
})

describe('a message', () => {
  const records = recordsFrom([{ createdAt: 5, id: 'ab'.repeat(32) }])
  const answerTo = (message: string) => finish(respond(records, message, 500_000))

  test.each([
    { says: 'that asks for nothing', message: '61', answer: '61' },
    { says: 'of a later version', message: '62ffff', answer: '61' },
    { says: 'of version 0', message: '60', answer: '61' },
    { says: 'that passes over everything', message: '61000000', answer: '61' },
    { says: 'that lists nothing', message: '6100000200', answer: `6100000201${'ab'.repeat(32)}` },
    { says: 'in capitals', message: '6100000200'.toUpperCase(), answer: `6100000201${'ab'.repeat(32)}` },
    { says: 'that ends before the record', message: '6106000200', answer: '6106000200' },
    { says: 'that ends behind it', message: '6107000200', answer: `6107000201${'ab'.repeat(32)}` },
    { says: 'that ends within its date, before it', message: '610601ab0200', answer: '610601ab0200' },
    { says: 'that ends within its date, behind it', message: '610601ac0200', answer: `610601ac0201${'ab'.repeat(32)}` },
    {
      says: 'that asks twice for the end',
      message: '61000002000000 0200'.replace(' ', ''),
      answer: `6100000201${'ab'.repeat(32)}00000200`,
    },
  ])('$says is answered', ({ message, answer }) => {
    expect(answerTo(message)).toBe(answer)
  })

  test.each([
    { says: 'that is empty', message: '' },
    { says: 'that is no hex', message: '6g' },
    { says: 'with half a byte', message: '610' },
    { says: 'of no version', message: '00' },
    { says: 'of a version beyond', message: '70' },
    { says: 'with half a bound', message: '6100' },
    { says: 'with a bound of 33 bytes', message: `610021${'00'.repeat(33)}00` },
    { says: 'with a bound that ends early', message: '610002ab' },
    { says: 'with no mode', message: '610000' },
    { says: 'with an unknown mode', message: '61000003' },
    { says: 'with half a fingerprint', message: '6100000100' },
    { says: 'with fewer ids than it says', message: `6100000202${'00'.repeat(32)}` },
    { says: 'with more ids than there are numbers', message: '61000002ffffffffffffffffff7f' },
    { says: 'with a number without end', message: `61${'ff'.repeat(1000)}` },
    { says: 'with dates beyond all numbers', message: '618fffffffffffff7f0000ffffffffffffff7f0000' },
  ])('$says is refused', ({ message }) => {
    expect(() => answerTo(message)).toThrow(expect.objectContaining({ code: 'invalid' }))
  })

  test('of chance is answered or refused, and never more than that', () => {
    const random = randomFrom(6)
    const many = recordsFrom(Array.from({ length: 500 }, () => placeFrom(random)))
    let answered = 0
    for (let round = 0; round < 20_000; round++) {
      const bytes = Array.from({ length: random.whole(40) }, () =>
        random.pick([0, 0, 1, 2, 3, 32, 128, random.whole(256)]),
      )
      try {
        expect(finish(respond(many, Buffer.from([0x61, ...bytes]).toString('hex'), 4096)).length).toBeLessThanOrEqual(
          8192,
        )
        answered += 1
      } catch (error) {
        expect(error).toMatchObject({ name: 'Fault', code: 'invalid' })
      }
    }
    expect(answered).toBeGreaterThan(1000)
  })
})
