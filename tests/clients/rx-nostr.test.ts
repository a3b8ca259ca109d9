import { finalizeEvent, getPublicKey, verifyEvent } from 'nostr-tools'
import { createRxBackwardReq, createRxForwardReq, createRxNostr, noopSigner, uniq } from 'rx-nostr'
import { firstValueFrom, toArray } from 'rxjs'
import { describeLibrary } from './matrix.suite.ts'

describeLibrary({
  name: 'rx-nostr',
  async open(url, user) {
    const signer = {
      signEvent: async (template: Parameters<typeof finalizeEvent>[0]) =>
        finalizeEvent({ tags: [], created_at: Math.floor(Date.now() / 1000), ...template }, user.secretKey),
      getPublicKey: async () => getPublicKey(user.secretKey),
    }
    const rx = createRxNostr({
      verifier: async (event) => verifyEvent(event),
      authenticator: { signer } as never,
      retry: { strategy: 'linear', maxCount: 100, interval: 500 },
    })
    rx.setDefaultRelays([url])
    return {
      publish: async (event) =>
        firstValueFrom(rx.send(event, { signer: noopSigner() })).then(
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
