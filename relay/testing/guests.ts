import type { Person } from './events.ts'
import { type Client, connect } from './wire.ts'

/** The clients of one test: they connect, sign in with the given keys, and are cut off together. */
export function guestsOf(url: string) {
  const clients: Client[] = []
  return {
    async client(...people: Person[]): Promise<Client> {
      const client = await connect(url)
      clients.push(client)
      for (const one of people) await client.signIn(one)
      return client
    },
    dismiss(): void {
      for (const client of clients) client.socket.terminate()
    },
  }
}
