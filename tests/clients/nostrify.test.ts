import { NRelay1 } from '@nostrify/nostrify'
import { signEvent } from '#nips/keys'
import { encodeRelayAuth } from '#nips/nip42'
import { describeLibrary } from './matrix.suite.ts'

describeLibrary({
  name: '@nostrify/nostrify',
  async open(url, user) {
    const relay = new NRelay1(url, {
      auth: async (challenge) =>
        signEvent(encodeRelayAuth(url, challenge, Math.floor(Date.now() / 1000)), user.secretKey),
    })
    const stop = new AbortController()
    return {
      publish: (event) =>
        relay.event(event).then(
          () => true,
          () => false,
        ),
      query: async (filter) => (await relay.query([filter])).map(({ id }) => id),
      async listen(filter, onEvent) {
        const heard = new Set<string>()
        const follow = async () => {
          for await (const [verb, , event] of relay.req([filter], { signal: stop.signal })) {
            if (verb !== 'EVENT' || heard.has(event.id)) continue
            heard.add(event.id)
            onEvent(event.id)
          }
        }
        follow().catch(() => undefined)
      },
      async close() {
        stop.abort()
        await relay.close()
      },
    }
  },
})
