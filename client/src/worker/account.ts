import { generateSecretKey } from '#nips/keys'
import { Fault } from '#nips/kit/fault'
import type { AccountView, SignerAnswer, SignerCall } from '../model.ts'
import type { Database } from './database.ts'
import { lockSecret, npubOf, readSecret, unlockSecret } from './key-text.ts'
import { extensionSigner, localSigner, type Signer } from './signer.ts'
import { type Sealed, seal, unseal } from './vault.ts'

/** How the account lies in the database; the secret only ever sealed. */
type Stored = { pubkey: string; backedUp: boolean } & ({ source: 'local'; vault: Sealed } | { source: 'extension' })

const CURRENT = 'current'

export type Account = { view: AccountView; signer: Signer }

/** The one key this browser acts with. */
export class Accounts {
  readonly #db: Database
  readonly #call: (call: SignerCall) => Promise<SignerAnswer>

  constructor(db: Database, call: (call: SignerCall) => Promise<SignerAnswer>) {
    this.#db = db
    this.#call = call
  }

  async current(): Promise<Account | undefined> {
    const stored = await this.#db.get<Stored>('account', CURRENT)
    if (stored === undefined) return undefined
    const { pubkey, source, backedUp } = stored
    const signer =
      stored.source === 'local' ? localSigner(await unseal(stored.vault), pubkey) : extensionSigner(pubkey, this.#call)
    return { view: { pubkey, npub: npubOf(pubkey), source, backedUp }, signer }
  }

  create(): Promise<void> {
    return this.#keep(generateSecretKey(), false)
  }

  /** Takes an nsec, 64 hex digits, or an ncryptsec with its password. A locked one counts as backed up. */
  async bring(text: string, password = ''): Promise<void> {
    const trimmed = text.trim()
    if (!trimmed.startsWith('ncryptsec1')) return this.#keep(readSecret(trimmed), true)
    if (password === '') throw new Fault('invalid', 'This key is locked. Its password is needed.')
    await this.#keep(await unlockSecret(trimmed, password), true)
  }

  async useExtension(pubkey: string): Promise<void> {
    await this.#db.put('account', CURRENT, { pubkey, source: 'extension', backedUp: true } satisfies Stored)
  }

  /** The key as an ncryptsec (NIP-49). */
  async backup(password: string): Promise<string> {
    const stored = await this.#local()
    return lockSecret(await unseal(stored.vault), password)
  }

  async confirmBackup(): Promise<void> {
    await this.#db.put('account', CURRENT, { ...(await this.#local()), backedUp: true })
  }

  /** Erases the key and everything that was read with it. */
  async signOut(): Promise<void> {
    for (const store of ['account', 'drafts', 'turns', 'facts'] as const) await this.#db.clear(store)
  }

  async #keep(secret: Uint8Array, backedUp: boolean): Promise<void> {
    const { pubkey } = localSigner(secret)
    const vault = await seal(secret)
    await this.#db.put('account', CURRENT, { pubkey, backedUp, source: 'local', vault } satisfies Stored)
  }

  async #local(): Promise<Extract<Stored, { source: 'local' }>> {
    const stored = await this.#db.get<Stored>('account', CURRENT)
    if (stored?.source !== 'local') throw new Fault('not-found', 'there is no key in this browser')
    return stored
  }
}
