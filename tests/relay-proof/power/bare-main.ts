import { writeSync } from 'node:fs'
import { SignedEvent } from '#nips/event'
import { stranger } from '#relay/read-rules'
import { openSqliteStore } from '#relay/store/sqlite'
import type { Position } from '#relay/store/store'
import { entry, NOW } from '#relay/testing/events'
import { randomFrom } from '#relay/testing/random'
import { author } from '../author.ts'

/**
 * A store without a relay around it: `bare-main.ts <file> <generation> <seed>`. Writes until it is killed or spoken to, and
 * says on descriptor 3, a line each, what it is going to store and, in a relay's words, what it has stored; at the end what
 * it finds by its index and what is in its log.
 */
const [file = '', generation = '', seed = ''] = process.argv.slice(2)
const random = randomFrom(Number(seed))
const store = openSqliteStore(file, { generation: Number(generation) })
const people = Array.from({ length: 4 }, () => author(random, () => NOW))
const say = (...message: unknown[]) => writeSync(3, `${JSON.stringify(message)}\n`)

let isOver = false
process.stdin.once('data', () => {
  isOver = true
})

while (!isOver) {
  const batch = Array.from({ length: 1 + random.whole(8) }, () =>
    SignedEvent.open(random.pick(people).next(), () => true),
  )
  for (const event of batch) say('EVENT', event)
  // What is refused is not acknowledged, and that is all.
  const results = await store.put(batch.map(entry)).catch(() => [])
  for (const [at, { outcome }] of results.entries()) if (outcome === 'stored') say('OK', batch[at]?.id, true, '')
}

async function found(pubkey: string): Promise<string[]> {
  const ids: string[] = []
  let after: Position | undefined
  do {
    const filter = { authors: new Set([pubkey]), limit: 1_000_000 }
    const asked = { filter, reader: stranger, upTo: store.newest(), now: NOW }
    const { rows, next } = await store.read(after ? { ...asked, after } : asked)
    ids.push(...rows.map(({ id }) => id))
    after = next
  } while (after)
  return ids
}

for (const { pubkey } of people) for (const id of await found(pubkey)) say('FOUND', id)
for (const { id, json } of await store.arrivals(0, 1_000_000))
  if (people.some(({ pubkey }) => json.includes(`"pubkey":"${pubkey}"`))) say('LOG', id)
await store.close()
process.exit(0)
