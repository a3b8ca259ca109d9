import { writeSync } from 'node:fs'
import { SignedEvent } from '#nips/event'
import { openSqliteStore } from '#relay/store/sqlite'
import { entry, NOW } from '#relay/testing/events'
import { randomFrom } from '#relay/testing/random'
import { author } from '../author.ts'

/**
 * A store without a relay around it, which writes until it is killed: `bare-main.ts <file> <generation> <seed>`. Says on
 * descriptor 3, a line each, what it is going to store and, in a relay's words, what it has stored.
 */
const [file = '', generation = '', seed = ''] = process.argv.slice(2)
const random = randomFrom(Number(seed))
const store = openSqliteStore(file, { generation: Number(generation) })
const people = Array.from({ length: 4 }, () => author(random, () => NOW))
const say = (...message: unknown[]) => writeSync(3, `${JSON.stringify(message)}\n`)

for (;;) {
  const batch = Array.from({ length: 1 + random.whole(8) }, () =>
    SignedEvent.open(random.pick(people).next(), () => true),
  )
  for (const event of batch) say('EVENT', event)
  const results = await store.put(batch.map(entry))
  for (const [at, { outcome }] of results.entries()) if (outcome === 'stored') say('OK', batch[at]?.id, true, '')
}
