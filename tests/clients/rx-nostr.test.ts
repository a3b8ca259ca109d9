import { finalizeEvent, verifyEvent } from 'nostr-tools'
import { createRxBackwardReq, createRxForwardReq, createRxNostr, noopSigner, uniq } from 'rx-nostr'
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs'
import { describeLibrary } from './matrix.suite.ts'

/** What rx-nostr hands to a signer. */
type Unsigned = { kind: number; tags?: string[][]; content?: string; created_at?: number }

describeLibrary({
  name: 'rx-nostr',
  async open(url, user) {
    const signer = {
      signEvent: async ({ kind, tags = [], content = '', created_at = Math.floor(Date.now() / 1000) }: Unsigned) =>
        finalizeEvent({ kind, tags, content, created_at }, user.secretKey),
      getPublicKey: async () => user.pubkey,
    }
    const rx = createRxNostr({
      verifier: async (event) => verifyEvent(event),
      authenticator: { signer: signer as ReturnType<typeof noopSigner> },
      retry: { strategy: 'linear', maxCount: 100, interval: 500 },
    })
    rx.setDefaultRelays([url])
    return {
      publish: async (event) =>
        lastValueFrom(rx.send(event, { signer: noopSigner() })).then(
          ({ ok }) => ok,
          () => false,
        ),
      async query(filter) {
        const req = createRxBackwardReq()
        const packets = firstValueFrom(rx.use(req).pipe(uniq(), toArray()), { defaultValue: [] })
        req.emit(filter)
        req.over()
        return (await packets).map(({ event }) => event.id)
      },
      async listen(filter, onEvent) {
        const req = createRxForwardReq()
        rx.use(req)
          .pipe(uniq())
          .subscribe(({ event }) => onEvent(event.id))
        req.emit(filter)
      },
      close: () => rx.dispose(),
    }
  },
})
