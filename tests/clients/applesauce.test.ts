import { Relay } from 'applesauce-relay'
import { finalizeEvent } from 'nostr-tools'
import { firstValueFrom, toArray } from 'rxjs'
import { describeLibrary } from './matrix.suite.ts'

describeLibrary({
  name: 'applesauce-relay',
  async open(url, user) {
    const relay = new Relay(url)
    const signer = {
      signEvent: (template: Parameters<typeof finalizeEvent>[0]) => finalizeEvent({ ...template }, user.secretKey),
    }
    const signingIn = relay.challenge$.subscribe((challenge) => {
      if (challenge !== null) relay.authenticate(signer).catch(() => undefined)
    })
    return {
      publish: async (event) =>
        relay.publish(event).then(
          ({ ok }) => ok,
          () => false,
        ),
      query: async (filter) =>
        (await firstValueFrom(relay.request(filter).pipe(toArray()), { defaultValue: [] })).map(({ id }) => id),
      async listen(filter, onEvent) {
        const heard = new Set<string>()
        relay.subscription(filter, { reconnect: { count: Number.POSITIVE_INFINITY, delay: 500 } }).subscribe({
          next(message) {
            if (typeof message === 'string' || heard.has(message.id)) return
            heard.add(message.id)
            onEvent(message.id)
          },
          error: () => undefined,
        })
      },
      close() {
        signingIn.unsubscribe()
        relay.close()
      },
    }
  },
})
