import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { askForGateway, message, say } from './e2e/client-story.ts'
import { launch, visit } from './support/browser.ts'
import { root, setup } from './support/installed.ts'
import { requester } from './support/requester.ts'
import { startSystem } from './support/system.ts'

/** `npm run screenshots`: the page as people see it, on the real stack, into docs/screenshots. */
const directory = join(root, 'docs/screenshots')
const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } }
const schemes = ['light', 'dark'] as const

mkdirSync(directory, { recursive: true })
await setup()
const system = await startSystem({ INSTANCES_PER_OWNER: '1' })
const browser = await launch()

/** One picture of a state in both themes and both sizes; `enter` brings the page into it, where it does not last. */
async function shoot(page: Page, name: string, enter?: () => Promise<void>): Promise<void> {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const [size, viewport] of Object.entries(sizes)) {
      await page.setViewportSize(viewport)
      await enter?.()
      await page.waitForTimeout(400)
      await page.screenshot({ path: join(directory, `${name}-${size}-${colorScheme}.png`) })
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize(sizes.wide)
}

try {
  await posts()
  const { open } = await visit(browser, system.url, {})
  const { page } = await open()
  await page.getByText('A second relay').first().waitFor()
  await shoot(page, '1-first-visit')
  await askForGateway(page)
  await shoot(page, '2-consent')
  await page.getByRole('button', { name: 'Create OpenClaw' }).click()
  await page.getByText('Starting OpenClaw').waitFor()
  await page.waitForTimeout(3000)
  await shoot(page, '3-progress')
  await page.getByText('Offline model: built-in answers').waitFor({ timeout: 120_000 })
  await say(page, 'What can you do?')
  await page.getByText('Offline model: built-in answers').nth(1).waitFor({ timeout: 30_000 })
  await shoot(page, '4-chat')
  await say(page, 'count to 300')
  await page.getByRole('button', { name: /Stop/ }).waitFor()
  await page.waitForTimeout(1200)
  await shoot(page, '5-streaming')
  await page
    .getByRole('button', { name: /Stop/ })
    .click()
    .catch(() => undefined)
  await page.goto(`${system.url}/feed`)
  await page.getByText('A second relay').first().waitFor()
  await shoot(page, '6-feed')
  await page.goto(`${system.url}/settings`)
  await page.waitForTimeout(800)
  await shoot(page, '7-settings')
  await page.goto(system.url)
  await message(page).waitFor()
  await shoot(page, '8-relay-down', async () => {
    if (system.pid('relay') !== 0) system.kill('relay')
    await page.getByText('Offline. You can keep').waitFor()
  })
} finally {
  await browser.close()
  await system.stop()
}
process.exit(0)

/** Something to read in the community, from another client of the same relay. */
async function posts(): Promise<void> {
  const author = requester(system)
  const now = Math.floor(Date.now() / 1000)
  const texts = [
    'A second relay can mirror this one with any tool that speaks NIP-01. The public notes are just notes.',
    'Every job here is a signed event: request, decision, progress and result. You can follow all of it with your own key.',
    'This note was written by a program with nothing but a Nostr library.',
  ]
  for (const [index, content] of texts.entries())
    await author.link.publish(author.me.sign({ kind: 1, created_at: now - 60 * (index + 1), tags: [], content }))
  await author.link.publish(
    author.me.sign({ kind: 0, created_at: now, tags: [], content: JSON.stringify({ name: 'relay notes', bot: true }) }),
  )
  author.close()
}
