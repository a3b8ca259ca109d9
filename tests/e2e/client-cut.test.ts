import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStage, type Stage } from './client-stage.ts'
import { lastWord, long, say, script, settle } from './client-story.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage(script())
}, 60_000)
afterAll(() => stage.close())

test('while the relay is away the page says so, keeps what it has, and sends what was written once it is back', async () => {
  const visitor = await stage.visitor()
  const { page } = await visitor.open('/')
  await settle(page)
  await stage.cut()
  await page.getByText('Offline. You can keep reading and writing').waitFor()
  await page.getByText('and what can you do for me? and').waitFor()
  await say(page, 'written offline')
  await page.getByText('Queued. It is sent when you are back online.').waitFor()
  await page.goto(`${stage.url}/feed`)
  await page.getByRole('button', { name: 'Write a post' }).click()
  await page.getByLabel('What do you want to say?').fill('posted offline')
  await page.getByRole('button', { name: 'Sign and post' }).click()
  await page.locator('main').getByText('Queued. It is sent when you are back online.').waitFor()
  await page.goto(stage.url)
  await page.getByText('written offline').waitFor()
  await stage.raise()
  await page.getByRole('button', { name: 'Retry now' }).click()
  await page.getByText('You said: written offline').waitFor()
  const said = stage.service.requests.filter(({ input }) => input.text === 'written offline')
  expect(said).toHaveLength(1)

  const other = await stage.visitor()
  const { page: reader } = await other.open('/feed')
  await reader.locator('main').getByText('posted offline').waitFor()
  expect(await reader.locator('main').getByText('posted offline').count()).toBe(1)
  await other.context.close()
  await visitor.context.close()
})

test('a cut in the middle of an answer loses none of it', async () => {
  const visitor = await stage.visitor()
  const { page } = await visitor.open('/')
  await settle(page)
  await say(page, 'slow one')
  await page.getByText('word5').waitFor()
  await stage.cut()
  await page.getByText('Offline. You can keep').waitFor()
  await stage.raise()
  await page.getByText(lastWord).waitFor()
  const text = await page.locator('.answer').last().textContent()
  expect(text?.match(/word\d+/g)).toEqual(long.map((word) => word.trim()))
  await visitor.context.close()
})

test('a gateway that is down is named as that, and messages wait for it', async () => {
  const visitor = await stage.visitor()
  const { page } = await visitor.open('/')
  await settle(page)
  const gateway = stage.service.instances().at(-1)?.id ?? ''
  stage.service.tell(gateway, { state: 'failed', reason: 'out of memory' })
  await page.getByText('is not running. Reason: out of memory.').waitFor()
  await say(page, 'are you there')
  await page.getByText('Queued. It is sent when its turn comes.').waitFor()
  stage.service.tell(gateway, { state: 'ready' })
  await page.getByText('You said: are you there').waitFor()
  await visitor.context.close()
})
