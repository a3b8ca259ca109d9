import { keyCipher } from '#nips/cipher'
import { type EventTemplate, type NostrEvent, publicKeyOf, signEvent } from '#nips/keys'

/** The key of the service: jobs are addressed to it, and it signs every answer. */
export type ServiceKey = {
  readonly pubkey: string
  sign(template: EventTemplate): NostrEvent
  readonly cipher: ReturnType<typeof keyCipher>
}

export const serviceKey = (secretKey: Uint8Array): ServiceKey => ({
  pubkey: publicKeyOf(secretKey),
  sign: (template) => signEvent(template, secretKey),
  cipher: keyCipher(secretKey),
})
