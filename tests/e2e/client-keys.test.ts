import { afterAll, beforeAll, expect, test } from 'vitest'
import { keyCipher } from '#nips/cipher'
import { type EventTemplate, generateSecretKey, publicKeyOf, signEvent } from '#nips/keys'
import type { Visitor } from '#tests/support/browser'
import { openStage, type Stage } from './client-stage.ts'
import { script } from './client-story.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage(script())
}, 60_000)
afterAll(() => stage.close())

test('a key is asked to be backed up until it is, and the backup opens elsewhere with its password', async () => {
  const [here, there] = [await stage.visitor(), await stage.visitor()]
  const { page } = await here.open('/settings')
  await page.getByRole('button', { name: 'Make or bring a key' }).click()
  await page.getByRole('button', { name: /Create a new key/ }).click()
  await page.getByText('Your key is only in this browser.').waitFor()
  await page.getByRole('button', { name: 'Back up', exact: true }).click()
  await page.getByLabel(/Password/).fill('correct horse')
  await page.getByRole('button', { name: 'Lock my key' }).click()
  const locked = (await page.getByText(/^ncryptsec1/).textContent()) ?? ''
  await page.getByLabel(/I saved it/).check()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('You have one').waitFor()
  const npub =
    (await page
      .getByText(/^npub1/)
      .first()
      .textContent()) ?? ''

  const other = (await there.open('/settings')).page
  await other.getByRole('button', { name: 'Make or bring a key' }).click()
  await other.getByRole('button', { name: /I have a key/ }).click()
  const open = async (secret: string, password: string) => {
    await other.getByLabel('Secret key').fill(secret)
    await other.getByLabel('Its password').fill(password)
    await other.getByRole('button', { name: 'Use this key' }).click()
  }
  await open(locked, 'wrong horse')
  await other.getByText('That password does not open this key.').waitFor()
  await open(locked, 'correct horse')
  await other.getByText(npub, { exact: true }).waitFor()

  await other.getByRole('button', { name: 'Sign out' }).click()
  await other.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  await other.getByText('You are reading without a key.').waitFor()
  await here.context.close()
  await there.context.close()
})

/** A NIP-07 extension whose key stays on the test's side. */
async function withExtension(visitor: Visitor, secretKey: Uint8Array): Promise<void> {
  const cipher = keyCipher(secretKey)
  const { context } = visitor
  await context.exposeFunction('keyOf', () => publicKeyOf(secretKey))
  await context.exposeFunction('sign', (template: EventTemplate) => signEvent(template, secretKey))
  await context.exposeFunction('seal', (peer: string, text: string) => cipher.encrypt(peer, text))
  await context.exposeFunction('open_', (peer: string, text: string) => cipher.decrypt(peer, text))
  await context.addInitScript(
    'window.nostr = { getPublicKey: keyOf, signEvent: sign, nip44: { encrypt: seal, decrypt: open_ } }',
  )
}

test('a browser extension signs, seals and opens; the page never has its key', async () => {
  const visitor = await stage.visitor()
  const secretKey = generateSecretKey()
  await withExtension(visitor, secretKey)
  const { page } = await visitor.open('/')
  await page.getByRole('button', { name: 'Provision & send intro' }).click()
  await page.getByRole('button', { name: /Browser extension/ }).click()
  await page.getByRole('button', { name: 'Create OpenClaw' }).click()
  await page.getByText('and what can you do for me? and').waitFor()
  expect(stage.service.requests.at(-1)?.event.pubkey).toBe(publicKeyOf(secretKey))
  await visitor.context.close()
})

test('an extension that cannot encrypt is refused by name', async () => {
  const visitor = await stage.visitor()
  await visitor.context.addInitScript('window.nostr = { getPublicKey: async () => "a".repeat(64) }')
  const { page } = await visitor.open('/')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: /Browser extension/ }).click()
  await page.getByText('This extension has no NIP-44 encryption').waitFor()
  await visitor.context.close()
})
