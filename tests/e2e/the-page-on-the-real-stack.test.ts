import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '#nips/kit/clock'
import { launch, type Visitor, visit } from '#tests/support/browser'
import { linkTo } from '#tests/support/link'
import { person } from '#tests/support/person'
import { type System, startSystem } from '#tests/support/system'
import { until } from '#tests/support/wait'
import { askForGateway, message, say } from './client-story.ts'

const LABEL = 'Offline model: built-in answers; no AI provider is configured.'

let system: System
let browser: Browser
let visitor: Visitor
let page: Page
let complaints: string[]
let name: string

const gateways = () => system.processes().filter((args) => args.includes('openclaw'))
const answer = () => page.locator('.answer').last()
/** The numbers of a counting answer, as they are on the screen. */
const counted = async () => ((await answer().textContent()) ?? '').match(/\d+/g)?.map(Number) ?? []
/** Some of a new answer is there; those before it were longer, or are over. */
const midway = (most: number) =>
  until(
    'the middle of the answer',
    async () => {
      const { length } = await counted()
      return length > 50 && length < most
    },
    30_000,
  )
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

beforeAll(async () => {
  system = await startSystem()
  browser = await launch()
  visitor = await visit(browser, system.url, {})
  const opened = await visitor.open()
  page = opened.page
  complaints = opened.complaints
})
afterAll(async () => {
  await browser.close()
  await system.stop()
})

describe('somebody new, with the real gateway', () => {
  test('cancels the dialog, and nothing has started', async () => {
    await askForGateway(page)
    await page.getByRole('button', { name: 'Cancel' }).click()
    expect(gateways()).toEqual([])
  })

  test('confirms once, watches the phases, and reads the streamed answer to the intro', async () => {
    await page.getByRole('button', { name: 'Provision & send intro' }).click()
    name = await page.getByLabel('Name').inputValue()
    const pressed = performance.now()
    await page.getByRole('button', { name: 'Create OpenClaw' }).click()
    for (const phase of ['Starting OpenClaw', 'Saying hello']) await page.getByText(phase).waitFor({ timeout: 90_000 })
    await page.getByText(`${name} is ready.`).waitFor({ timeout: 60_000 })
    await page.getByText(LABEL).waitFor({ timeout: 30_000 })
    expect(performance.now() - pressed).toBeLessThan(120_000)
    expect(gateways().length).toBeGreaterThan(0)
  })

  test('is remembered in the second turn', async () => {
    await say(page, 'My name is Ferry.')
    await page.getByText(LABEL).nth(1).waitFor({ timeout: 30_000 })
    await say(page, 'What is my name?')
    await page.getByText(LABEL).nth(2).waitFor({ timeout: 30_000 })
    expect(await answer().textContent()).toContain('Ferry')
  })

  test('stops an answer, and the text so far stays', async () => {
    await say(page, 'count to 500')
    await page.getByText('20, 21').waitFor({ timeout: 30_000 })
    await page.keyboard.press('Escape')
    await page.getByText('Stopped by you', { exact: true }).waitFor()
    const numbers = await counted()
    expect(numbers).toEqual(upTo(numbers.length))
    expect(numbers.length).toBeLessThan(500)
  })

  test('reloads in the middle of an answer and gets all of it', async () => {
    await say(page, 'count to 400')
    await page.getByText('30, 31').last().waitFor({ timeout: 30_000 })
    await page.reload()
    await page.getByText(LABEL).nth(3).waitFor({ timeout: 30_000 })
    expect(await counted()).toEqual(upTo(400))
  })

  test('loses nothing when the relay is killed in the middle of an answer', async () => {
    await say(page, 'count to 350')
    await midway(350)
    system.kill('relay')
    await page.getByText(LABEL).nth(4).waitFor({ timeout: 40_000 })
    expect(await counted()).toEqual(upTo(350))
  })

  test('is told when the gateway dies in the middle, keeps the text, and Retry works', async () => {
    await say(page, 'count to 300')
    await midway(300)
    execFileSync('pkill', ['-9', '-f', join(system.data, 'instances')])
    await page.getByText(/The text so far is kept/).waitFor({ timeout: 30_000 })
    expect((await counted()).length).toBeGreaterThan(50)
    await page.getByText('Restarting').first().waitFor()
    await page.getByRole('button', { name: 'Retry' }).last().click()
    await page.getByText(LABEL).nth(5).waitFor({ timeout: 90_000 })
    expect(await counted()).toEqual(upTo(300))
  })

  test('reads a post of another client within seconds', async () => {
    const other = person()
    const link = linkTo(system.relay, other)
    const content = `from elsewhere ${crypto.randomUUID()}`
    await link.publish(other.sign({ kind: 1, created_at: systemClock().now(), tags: [], content }))
    await page.getByText(content).waitFor({ timeout: 5000 })
    link.close()
  })

  test('leaves no secret where a script or a stranger could read it', async () => {
    const kept = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]),
    )
    expect(kept).not.toMatch(/nsec1|ncryptsec1|[0-9a-f]{64}/)
  })

  test('deletes the gateway, and the page and the machine show it', async () => {
    await page.getByRole('button', { name: 'Details', exact: true }).click()
    await page.getByRole('button', { name: 'Delete gateway' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox').fill(name)
    await dialog.getByRole('button', { name: 'Delete gateway' }).click()
    await page.getByText(`${name} is deleted.`).waitFor({ timeout: 30_000 })
    await page.getByRole('button', { name: 'Provision & send intro' }).waitFor()
    await until('no gateway is left', () => gateways().length === 0)
    expect(await message(page).count()).toBe(1)
    expect(complaints.filter((text) => !/WebSocket|ERR_CONNECTION|503/.test(text))).toEqual([])
  })
})
