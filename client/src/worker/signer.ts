import { type Cipher, keyCipher } from '#nips/cipher'
import { SignedEvent } from '#nips/event'
import { type EventTemplate, type NostrEvent, publicKeyOf, signEvent } from '#nips/keys'
import { Fault } from '#nips/kit/fault'
import type { SignerAnswer, SignerCall } from '../model.ts'

/** Whoever holds the person's key. Each call may take as long as a person takes. */
export type Signer = {
  pubkey: string
  sign(template: EventTemplate): Promise<NostrEvent>
  cipher: Cipher
}

/** A key in this Worker's memory. Its public key is derived where it is not known yet. */
export function localSigner(secretKey: Uint8Array, pubkey = publicKeyOf(secretKey)): Signer {
  return {
    pubkey,
    sign: async (template) => signEvent(template, secretKey),
    cipher: keyCipher(secretKey),
  }
}

/** NIP-07: the extension lives in the page, which passes our calls on. What comes back is checked like any event. */
export function extensionSigner(pubkey: string, call: (call: SignerCall) => Promise<SignerAnswer>): Signer {
  const text = async (asked: SignerCall): Promise<string> => {
    const answer = await call(asked)
    if (typeof answer !== 'string') throw new Fault('invalid', 'the extension answered something else')
    return answer
  }
  return {
    pubkey,
    sign: async (template) => {
      const event = SignedEvent.open(await call({ method: 'sign', template }))
      const same =
        event.pubkey === pubkey &&
        event.kind === template.kind &&
        event.content === template.content &&
        JSON.stringify(event.tags) === JSON.stringify(template.tags)
      if (!same) throw new Fault('invalid', 'the extension signed something else, or with another key')
      return { ...event }
    },
    cipher: {
      encrypt: (peer, plain) => text({ method: 'encrypt', peer, text: plain }),
      decrypt: (peer, sealed) => text({ method: 'decrypt', peer, text: sealed }),
    },
  }
}
