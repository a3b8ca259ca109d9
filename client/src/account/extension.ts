import type { EventTemplate, NostrEvent } from '#nips/keys'
import type { SignerAnswer, SignerCall } from '../model.ts'

/** NIP-07, as far as extensions have it. */
type Extension = {
  getPublicKey(): Promise<string>
  signEvent(template: EventTemplate): Promise<NostrEvent>
  nip44?: {
    encrypt(peer: string, text: string): Promise<string>
    decrypt(peer: string, text: string): Promise<string>
  }
}

const extension = (): Extension | undefined => (globalThis as { nostr?: Extension }).nostr

export const hasExtension = (): boolean => extension() !== undefined

/** The extension's public key. Refuses an extension that cannot encrypt as we do, by name. */
export async function connectExtension(): Promise<string> {
  const found = extension()
  if (found === undefined) throw new Error('No signing extension found in this browser.')
  if (found.nip44 === undefined)
    throw new Error(
      'This extension has no NIP-44 encryption, and messages are not sent without it. Update it, or use another way.',
    )
  const pubkey = await found.getPublicKey()
  if (!/^[0-9a-f]{64}$/.test(pubkey)) throw new Error('The extension gave no public key.')
  return pubkey
}

/** Passes a call of the Worker on to the extension. */
export async function callExtension(call: SignerCall): Promise<SignerAnswer> {
  const found = extension()
  if (found?.nip44 === undefined) throw new Error('Your signing extension is not there. Switch it on, then reload.')
  switch (call.method) {
    case 'sign':
      return found.signEvent(call.template)
    case 'encrypt':
      return found.nip44.encrypt(call.peer, call.text)
    case 'decrypt':
      return found.nip44.decrypt(call.peer, call.text)
  }
}
