import type { NostrEvent } from '#nips/keys'
import { type Client, connect, is } from '#relay/testing/wire'

const PAGE = 500

/** Everything a relay serves of these authors, page by page as a stranger would read it. Rejects when one comes twice. */
export async function readAll(url: string, authors: readonly string[]): Promise<NostrEvent[]> {
  const client = await connect(url)
  const found: NostrEvent[] = []
  for (const author of authors) found.push(...(await readAuthor(client, author)))
  client.socket.terminate()
  return found
}

async function readAuthor(client: Client, author: string): Promise<NostrEvent[]> {
  const found = new Map<string, NostrEvent>()
  for (let until: number | undefined; ; ) {
    const page = await readPage(client, { authors: [author], limit: PAGE, ...(until === undefined ? {} : { until }) })
    if (new Set(page.map(({ id }) => id)).size < page.length) throw new Error('an event was served twice')
    const before = found.size
    for (const event of page) found.set(event.id, event)
    // The next page begins with the last second of this one, which may have more.
    until = page.at(-1)?.created_at
    if (page.length < PAGE || found.size === before) return [...found.values()]
  }
}

async function readPage(client: Client, filter: object): Promise<NostrEvent[]> {
  const from = client.heard.length
  const name = `page ${from}`
  client.say('REQ', name, filter)
  await client.next(is('EOSE', name))
  client.say('CLOSE', name)
  return client.heard.slice(from).flatMap((said) => (is('EVENT', name)(said) ? [said[2] as NostrEvent] : []))
}
