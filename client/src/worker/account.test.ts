import { expect, test } from 'vitest'
import { generateSecretKey, publicKeyOf, signEvent } from '#nips/keys'
import { bytesToHex } from '#nips/kit/bytes'
import { Accounts } from './account.ts'
import { memoryDatabase } from './database.ts'
import { unlockSecret } from './key-text.ts'
import { extensionSigner } from './signer.ts'

const nobody = () => Promise.reject(new Error('no extension'))

test('a new key is kept sealed: nothing in the database shows it, and it comes back', async () => {
  const db = memoryDatabase()
  const accounts = new Accounts(db, nobody)
  await accounts.create()
  const made = await accounts.current()
  expect(made?.view).toMatchObject({ source: 'local', backedUp: false })
  const [kept] = await db.all<{ vault: { key: CryptoKey } }>('account')
  expect(kept?.vault.key.extractable).toBe(false)
  const locked = await accounts.backup('correct horse')
  const secret = await unlockSecret(locked, 'correct horse')
  expect(publicKeyOf(secret)).toBe(made?.view.pubkey)
  expect(JSON.stringify(kept)).not.toContain(bytesToHex(secret))
  await accounts.confirmBackup()
  expect((await new Accounts(db, nobody).current())?.view).toMatchObject({ backedUp: true, pubkey: made?.view.pubkey })
})

test('a brought key acts as itself, and signing out erases it', async () => {
  const db = memoryDatabase()
  const accounts = new Accounts(db, nobody)
  const secret = generateSecretKey()
  await accounts.bring(`  ${bytesToHex(secret)}\n`)
  expect((await accounts.current())?.view.pubkey).toBe(publicKeyOf(secret))
  await accounts.signOut()
  expect(await accounts.current()).toBeUndefined()
  expect(await db.all('account')).toEqual([])
})

test('an extension that signs something else is refused', async () => {
  const secret = generateSecretKey()
  const template = { kind: 1, created_at: 1, tags: [], content: 'what I said' }
  const honest = extensionSigner(publicKeyOf(secret), async (call) =>
    call.method === 'sign' ? signEvent(call.template, secret) : '',
  )
  expect((await honest.sign(template)).content).toBe('what I said')
  const liar = extensionSigner(publicKeyOf(secret), async () => signEvent({ ...template, content: 'other' }, secret))
  await expect(liar.sign(template)).rejects.toThrow('signed something else')
  const other = extensionSigner(publicKeyOf(secret), async () => signEvent(template, generateSecretKey()))
  await expect(other.sign(template)).rejects.toThrow('another key')
})
