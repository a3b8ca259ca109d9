import { Fault } from '#nips/kit/fault'

/** A secret key as the browser keeps it: the AES key cannot be read out, only used, and only by this origin. */
export type Sealed = { key: CryptoKey; iv: Uint8Array<ArrayBuffer>; sealed: ArrayBuffer }

export async function seal(secret: Uint8Array): Promise<Sealed> {
  const { subtle } = requireCrypto()
  const key = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const iv = crypto.getRandomValues(new Uint8Array(12))
  return { key, iv, sealed: await subtle.encrypt({ name: 'AES-GCM', iv }, key, new Uint8Array(secret)) }
}

export async function unseal({ key, iv, sealed }: Sealed): Promise<Uint8Array> {
  return new Uint8Array(await requireCrypto().subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed))
}

/** Browsers offer WebCrypto on https and on localhost only. */
export const isSecure = (): boolean => globalThis.crypto?.subtle !== undefined

function requireCrypto(): Crypto {
  if (!isSecure())
    throw new Fault(
      'unavailable',
      'This address is not secure, so the browser cannot protect a key. Open the page over https, or at http://localhost.',
    )
  return crypto
}
