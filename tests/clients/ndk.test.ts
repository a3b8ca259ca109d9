import NDK, { NDKEvent, type NDKFilter, NDKPrivateKeySigner } from '@nostr-dev-kit/ndk'
import { pause } from '../support/wait.ts'
import { describeLibrary } from './matrix.suite.ts'

describeLibrary({
  name: 'NDK',
  help: 'somebody connects it again and subscribes anew, because one failed attempt ends its own',
  async open(url, user) {
    const signer = new NDKPrivateKeySigner(user.secretKey)
    const ndk = new NDK({ explicitRelayUrls: [url], signer, enableOutboxModel: false })
    // Its ready-made policy `signIn` forgets the events that were refused before it had signed in; this one does not.
    ndk.relayAuthDefaultPolicy = async () => true
    let over = false
    await ndk.connect(2000)
    ndk.pool.on('relay:disconnect', async (relay) => {
      await pause(500)
      while (!over && !relay.connected) {
        await relay.connect().catch(() => undefined)
        await pause(500)
      }
    })
    return {
      publish: (event) =>
        new NDKEvent(ndk, event).publish().then(
          (relays) => relays.size === 1,
          () => false,
        ),
      query: async (filter) => [...(await ndk.fetchEvents(filter as NDKFilter))].map(({ id }) => id),
      async listen(filter, onEvent) {
        const heard = new Set<string>()
        const subscribe = () =>
          ndk.subscribe(
            filter as NDKFilter,
            { closeOnEose: false },
            {
              onEvent({ id }) {
                if (!heard.has(id)) onEvent(id)
                heard.add(id)
              },
            },
          )
        subscribe()
        ndk.pool.on('relay:connect', subscribe)
      },
      close() {
        over = true
        for (const relay of ndk.pool.relays.values()) relay.disconnect()
      },
    }
  },
})
