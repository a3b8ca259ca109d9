import { chat } from '#nips/jobs/chat'
import { instanceProvision } from '#nips/jobs/instance-provision'
import { systemClock } from '#nips/kit/clock'
import type { BrokerLine } from '#nips/ticket'
import { type Person, requestOf } from '#tests/support/person'
import type { Stage } from './stage.ts'

export const clock = systemClock()
export const said = { text: 'hello there', model: 'm', inputTokens: 3, outputTokens: 2 }
export const result: BrokerLine = { type: 'result', output: said }
export const made = { instance: 'a'.repeat(16), slug: 'openclaw', version: '1', model: 'm', driver: 'd', seconds: 1 }

export const talk = (by: Person, scene: Stage, extra: { idem?: string; text?: string; now?: number } = {}) => {
  const { text = 'hi', now = clock.now(), ...rest } = extra
  return requestOf(chat, { instance: 'a'.repeat(16), text }, { by, to: scene.service.pubkey, now, ...rest })
}
export const provision = (by: Person, scene: Stage, idem = crypto.randomUUID()) =>
  requestOf(instanceProvision, {}, { by, to: scene.service.pubkey, now: clock.now(), idem })
