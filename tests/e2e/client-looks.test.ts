import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStage, type Stage } from './client-stage.ts'
import { askForGateway, say, script } from './client-story.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage(script())
}, 60_000)
afterAll(() => stage.close())

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
type Found = { violations: { id: string; nodes: { target: string[] }[] }[] }

/** What axe finds wrong on the page as it is now. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate(
    (runOnly) => (globalThis as unknown as { axe: { run(o: object): Promise<Found> } }).axe.run({ runOnly }),
    rules,
  )
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

const sizes = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
}

test.each([
  ['light', 'desktop'],
  ['dark', 'desktop'],
  ['light', 'phone'],
  ['dark', 'phone'],
] as const)(
  'every state is accessible: %s, %s',
  async (colorScheme, size) => {
    const visitor = await stage.visitor({ ...sizes[size], colorScheme, reducedMotion: 'reduce' })
    const { page, complaints } = await visitor.open('/')
    const faults: string[] = []
    const look = async (state: string) => faults.push(...(await faultsOf(page)).map((fault) => `${state}: ${fault}`))
    await page.getByText('Where should your OpenClaw live?').waitFor()
    await look('start')
    await askForGateway(page)
    await look('consent')
    await page.getByRole('button', { name: 'Create OpenClaw' }).click()
    await page.getByText('Reserving a machine').waitFor()
    await look('phases')
    await page.getByText('and what can you do for me? and').waitFor()
    await say(page, 'fail')
    await page.getByRole('button', { name: 'Retry' }).waitFor()
    await look('chat')
    const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
    expect(await page.evaluate(overflow)).toBe(0)
    for (const path of ['/feed', '/settings', '/nowhere']) {
      await page.goto(stage.url + path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await look(path)
    }
    expect(faults).toEqual([])
    expect(complaints).toEqual([])
    await visitor.context.close()
  },
  30_000,
)
