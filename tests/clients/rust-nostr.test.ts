import {
  Client,
  ClientOptions,
  Duration,
  Event,
  Filter,
  Keys,
  loadWasmAsync,
  NostrSigner,
  RelayOptions,
} from '@rust-nostr/nostr-sdk'
import { bytesToHex } from '#nips/kit/bytes'
import { describeLibrary } from './matrix.suite.ts'

describeLibrary({
  name: 'rust-nostr (WASM)',
  async open(url, user) {
    await loadWasmAsync()
    const signer = NostrSigner.keys(Keys.parse(bytesToHex(user.secretKey)))
    const client = Client.builder().signer(signer).opts(new ClientOptions().automaticAuthentication(true)).build()
    await client.addRelayWithOpts(
      url,
      new RelayOptions().retry_interval(Duration.fromSecs(5)).adjust_retry_interval(false),
    )
    await client.connect()
    return {
      publish: (event) =>
        client.sendEvent(Event.fromJson(JSON.stringify(event))).then(
          ({ success }) => success.length === 1,
          () => false,
        ),
      async query(filter) {
        const events = await client.fetchEvents(Filter.fromJson(JSON.stringify(filter)), Duration.fromSecs(10))
        return events.toVec().map((event) => event.id.toHex())
      },
      async listen(filter, onEvent) {
        client.handleNotifications({
          handleEvent: async (_relay: string, _subscription: string, event: Event) => {
            onEvent(event.id.toHex())
            return false
          },
          handleMsg: async () => false,
        } as never)
        await client.subscribe(Filter.fromJson(JSON.stringify(filter)))
      },
      close: () => client.shutdown(),
    }
  },
})
