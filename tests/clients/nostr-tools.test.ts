import { finalizeEvent, SimplePool } from 'nostr-tools'
import { pause } from '../support/wait.ts'
import { describeLibrary } from './matrix.suite.ts'

describeLibrary({
  name: 'nostr-tools',
  help: 'a subscription that was closed is opened again, because its own reconnecting asks since the last event only',
  async open(url, user) {
    const pool = new SimplePool()
    const onauth = async (template: Parameters<typeof finalizeEvent>[0]) => finalizeEvent(template, user.secretKey)
    let over = false
    return {
      publish: (event) =>
        Promise.all(pool.publish([url], event, { onauth })).then(
          () => true,
          () => false,
        ),
      query: async (filter) => (await pool.querySync([url], filter)).map(({ id }) => id),
      async listen(filter, onEvent) {
        const heard = new Set<string>()
        const subscribe = () =>
          pool.subscribe([url], filter, {
            onauth,
            onevent({ id }) {
              if (!heard.has(id)) onEvent(id)
              heard.add(id)
            },
            async onclose() {
              await pause(500)
              if (!over) subscribe()
            },
          })
        subscribe()
      },
      close() {
        over = true
        pool.close([url])
      },
    }
  },
})
