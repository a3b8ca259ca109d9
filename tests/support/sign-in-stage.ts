import type { EventTemplate, NostrEvent } from '#nips/keys'
import type { LinkDeps } from '#nips/relay-link'
import type { Author } from './author.ts'
import { linkStage } from './link-stage.ts'
import { type Refusal, refusalOf } from './refusal.ts'

/** A link before a relay that may want to know who is there, and what was said over the connection that stands. */
export function signInStage(deps: Partial<LinkDeps>) {
  const stage = linkStage(deps)
  const { relay, clock, link } = stage
  const authOf = (socket = relay.last) => socket.said('AUTH').map(([event]) => event as NostrEvent)
  return {
    ...stage,
    authOf,
    verbs: () => relay.last.sent.map(([verb]) => verb),
    /** Names of the subscriptions that were asked for, in order. */
    asked: () => relay.last.said('REQ').map(([id]) => id),
    publishedIds: () => relay.last.said('EVENT').map(([event]) => (event as NostrEvent).id),
    challenge: async (text: string) => {
      relay.last.say('AUTH', text)
      await clock.advance(0)
    },
    /** What the relay says about the last AUTH. */
    judge: async (ok: boolean, reason = '') => {
      relay.last.say('OK', authOf().at(-1)?.id, ok, reason)
      await clock.advance(0)
    },
    /** Subscribes to a public or a private kind; the list gets the words with which it ends. */
    subscribe: (readers: 'public' | 'parties'): string[] => {
      const ended: string[] = []
      link.subscribe({
        private: readers === 'parties',
        filters: [{ kinds: [readers === 'parties' ? 1059 : 1] }],
        onEvent: () => undefined,
        onEnd: ({ message }) => ended.push(message),
      })
      return ended
    },
    publish: (event: NostrEvent): { seen: { ended: boolean }; end: Promise<Refusal> } => {
      const seen = { ended: false }
      const end = refusalOf(() => link.publish(event)).finally(() => {
        seen.ended = true
      })
      return { seen, end }
    },
  }
}

/** A signer whose signatures come when the test says so. */
export function slowSigner(by: Author) {
  const waiting: { give: () => void; refuse: () => void }[] = []
  const sign = (template: EventTemplate) =>
    new Promise<NostrEvent>((resolve, reject) => {
      waiting.push({ give: () => resolve(by.sign(template)), refuse: () => reject(new Error('no')) })
    })
  return { signer: { sign }, waiting }
}
