import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#nips/kit/clock'
import { startRelay } from '#relay/testing/process'
import { type Random, randomFrom } from '#relay/testing/random'
import { type Client, connect, is } from '#relay/testing/wire'
import { pen } from './pen.ts'
import { type Runtime, runtimes } from './runtimes.ts'

/** `published`: notes that some relay said OK to. */
export type SiblingReport = { published: number; listeners: number; wrong: string[] }

const clock = systemClock()
const WRITERS = 3
const LISTENERS = 6

/**
 * Two relays over one file, as during a restart without a pause or beside an import: whoever listens at one of them
 * gets each note once, stored or live, whichever relay it came by.
 */
export async function playSiblings(
  notes: number,
  pair: readonly [Runtime, Runtime],
  seed: number,
): Promise<SiblingReport> {
  const random = randomFrom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'proof-'))
  const env = { RELAY_PORT: '0', RELAY_DB: join(folder, 'relay.db'), RELAY_KEY: join(folder, 'relay.key') }
  const relays = []
  try {
    // One after the other: the first makes the file.
    for (const runtime of pair) {
      const relay = startRelay(env, runtimes[runtime])
      relays.push(relay)
      await relay.line('relay.listening')
    }
    const urls = await Promise.all(
      relays.map(async (relay) => `ws://127.0.0.1:${(await relay.line('relay.listening')).port}`),
    )
    const published = new Set<string>()
    const writing = urls.flatMap((url) =>
      Array.from({ length: WRITERS }, () => write(url, { notes, random, published })),
    )
    const listeners: Client[] = []
    for (let at = 0; at < LISTENERS; at++) {
      await clock.sleep(random.whole(100))
      listeners.push(await listen(urls[at % 2] ?? ''))
    }
    await Promise.all(writing)
    await Promise.all(listeners.map((listener) => heardAll(listener, published)))
    const wrong = listeners.flatMap((listener, at) =>
      complaints(listener, published).map((what) => `listener ${at}: ${what}`),
    )
    for (const { socket } of listeners) socket.terminate()
    return {
      published: published.size,
      listeners: listeners.length,
      wrong: wrong.map((what) => `seed ${seed}, ${pair.join(' and ')}: ${what}`),
    }
  } finally {
    for (const { child } of relays) child.kill('SIGKILL')
    await Promise.all(relays.map(({ ended }) => ended))
    rmSync(folder, { recursive: true })
  }
}

type Writing = { notes: number; random: Random; published: Set<string> }

/** Publishes notes, one when the one before is stored. */
async function write(url: string, { notes, random, published }: Writing): Promise<void> {
  const client = await connect(url)
  const author = pen(clock.now)
  for (let at = 0; at < notes; at++) {
    const event = author.write({ content: `${at}`, created_at: clock.now() - random.whole(5) })
    const [accepted] = await client.publish(event)
    if (accepted) published.add(event.id)
    if (random.chance(0.3)) await clock.sleep(random.whole(20))
  }
  client.socket.terminate()
}

async function listen(url: string): Promise<Client> {
  const client = await connect(url)
  client.say('REQ', 'all', { kinds: [1], limit: 500 })
  return client
}

const idsOf = ({ heard }: Client): string[] =>
  heard.filter(is('EVENT', 'all')).map((said) => (said[2] as { id: string }).id)

/** Resolves when a listener has heard of everything, or after some seconds. */
async function heardAll(listener: Client, published: ReadonlySet<string>): Promise<void> {
  const since = clock.millis()
  while (new Set(idsOf(listener)).size < published.size && clock.millis() - since < 5000) await clock.sleep(50)
  // What comes twice comes now.
  await clock.sleep(300)
}

function complaints(listener: Client, published: ReadonlySet<string>): string[] {
  const ids = idsOf(listener)
  const told = new Set(ids)
  const missing = [...published].filter((id) => !told.has(id)).length
  const strange = ids.filter((id) => !published.has(id)).length
  return [
    ...(missing > 0 ? [`${missing} of ${published.size} are missing`] : []),
    ...(ids.length > told.size ? [`${ids.length - told.size} came twice`] : []),
    ...(strange > 0 ? [`${strange} were never acknowledged`] : []),
    ...(listener.heard.filter(is('EOSE', 'all')).length === 1 ? [] : ['not one EOSE']),
  ]
}
