import {
  defaultSocketPolicies,
  makeSocketPolicyAuth,
  Pool,
  PublishStatus,
  publishOne,
  requestOne,
  Socket,
} from '@welshman/net'
import { signEvent } from '#nips/keys'
import { pause } from '../support/wait.ts'
import { describeLibrary } from './matrix.suite.ts'

describeLibrary({
  name: '@welshman/net',
  help: 'a request is made anew after a disconnect, because it resumes from the current second',
  async open(url, user) {
    const signIn = makeSocketPolicyAuth({ sign: async (template) => signEvent(template, user.secretKey) })
    const pool = new Pool({ makeSocket: (address) => new Socket(address, [...defaultSocketPolicies, signIn]) })
    const context = { pool }
    let over = false
    return {
      publish: async (event) => (await publishOne({ event, relay: url, context })).status === PublishStatus.Success,
      query: async (filter) =>
        (await requestOne({ relay: url, filters: [filter], autoClose: true, context })).map(({ id }) => id),
      async listen(filter, onEvent) {
        const heard = new Set<string>()
        const ask = () => {
          const asked = new AbortController()
          void requestOne({
            ...{ relay: url, filters: [filter], context, signal: asked.signal },
            onEvent({ id }) {
              if (!heard.has(id)) onEvent(id)
              heard.add(id)
            },
            async onDisconnect() {
              asked.abort()
              await pause(500)
              if (!over) ask()
            },
          })
        }
        ask()
      },
      close() {
        over = true
        pool.clear()
      },
    }
  },
})
