import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '#tests/support/wait'
import { openStage, type Stage } from './client-stage.ts'
import { askForGateway, lastWord, long, message, say, script, settle } from './client-story.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage(script())
}, 60_000)
afterAll(() => stage.close())

const requestsOf = (name: string) => stage.service.requests.filter(({ job }) => job.name === name)

test('a visitor reads without a key, and cancelling the consent dialog publishes nothing', async () => {
  const visitor = await stage.visitor()
  const { page, complaints } = await visitor.open('/')
  await page.getByText('Where should your OpenClaw live?').waitFor()
  await page.getByText('OpenClaw 2026.9.6 starts on this server').waitFor()
  expect(await page.title()).toBe('Chat · OpenAgents')
  await askForGateway(page)
  await page.getByText('memory and CPU time are not limited').last().waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Provision & send intro' }).waitFor()
  expect(requestsOf('instance.provision')).toEqual([])
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie])).toEqual([0, 0, ''])
  expect(complaints).toEqual([])
  await visitor.context.close()
})

test('one confirmed dialog makes the gateway, and the first message streams its answer', async () => {
  const visitor = await stage.visitor()
  const { page, complaints } = await visitor.open('/')
  await askForGateway(page)
  const name = await page.getByLabel('Name').inputValue()
  await page.getByRole('button', { name: 'Create OpenClaw' }).click()
  await page.getByText('Reserving a machine').waitFor()
  await page.getByText(`${name} is ready.`).waitFor()
  await page.getByText('and what can you do for me? and').waitFor()
  await page.getByText('<b>no HTML</b>').waitFor()
  expect(await page.locator('.answer strong').first().textContent()).toContain('Hello.')
  expect(requestsOf('instance.provision').map(({ input }) => input)).toEqual([{ slug: name }])
  expect(stage.service.requests.every(({ encrypted }) => encrypted)).toBe(true)
  expect(complaints).toEqual([])
  await visitor.context.close()
})

test('stop ends the run and keeps the text, a failure says what happened, retry asks again', async () => {
  const visitor = await stage.visitor()
  const { page } = await visitor.open('/')
  await settle(page)
  await say(page, 'slow one')
  await page.getByText('word3').waitFor()
  await page.keyboard.press('Escape')
  await page.getByText('Stopped by you', { exact: true }).waitFor()
  expect(await page.locator('.answer').last().textContent()).toContain('word3')
  await say(page, 'fail')
  await page.getByText('The gateway stopped. The text so far is kept.').waitFor()
  expect(await page.locator('.answer').last().textContent()).toContain('half an answer')
  await say(page, 'empty')
  await page.getByText('The model answered with nothing. Try again.').waitFor()
  stage.service.script.answer = () => ({ pieces: ['now it works'], pause: 5 })
  await page.getByRole('button', { name: 'Retry' }).last().click()
  await page.getByText('now it works').waitFor()
  stage.service.script.answer = script().answer
  await visitor.context.close()
})

test('what is written while an answer runs is sent after it, in order', async () => {
  const visitor = await stage.visitor()
  const { page } = await visitor.open('/')
  await settle(page)
  const before = requestsOf('chat').length
  await say(page, 'slow first')
  await page.getByText('word2').waitFor()
  await say(page, 'second')
  await say(page, 'third')
  await page.getByText('Queued. It is sent when its turn comes.').nth(1).waitFor()
  await page.getByText('You said: third').waitFor()
  const said = requestsOf('chat').slice(before)
  expect(said.map(({ input }) => input.text)).toEqual(['slow first', 'second', 'third'])
  await visitor.context.close()
})

test('a reload in the middle of an answer shows the text so far and goes on to the end', async () => {
  const visitor = await stage.visitor()
  const { page } = await visitor.open('/')
  await settle(page)
  await say(page, 'slow one')
  await page.getByText('word8').waitFor()
  await page.reload()
  const shown = performance.now()
  await page.getByText('word8').waitFor()
  expect(performance.now() - shown).toBeLessThan(3000)
  await page.getByText(lastWord).waitFor()
  const text = await page.locator('.answer').last().textContent()
  expect(text?.match(/word\d+/g)).toEqual(long.map((word) => word.trim()))
  await visitor.context.close()
})

test('two tabs that press at once make one gateway and say hello once', async () => {
  const visitor = await stage.visitor()
  const [one, two] = [(await visitor.open('/')).page, (await visitor.open('/')).page]
  await one.bringToFront()
  await askForGateway(one)
  await two.getByRole('button', { name: 'Provision & send intro' }).click()
  await two.getByRole('heading', { name: 'Create a hosted OpenClaw?' }).waitFor()
  const before = stage.service.requests.length
  const create = { name: 'Create OpenClaw' }
  await Promise.all([one.getByRole('button', create).click(), two.getByRole('button', create).click()])
  for (const page of [one, two]) await page.getByText('and what can you do for me? and').waitFor()
  const made = stage.service.requests.slice(before).map(({ job }) => job.name)
  expect(made).toEqual(['instance.provision', 'chat'])
  await visitor.context.close()
})

test('a decision nobody asked for here is a ticket; deleting asks for the name and ends in the empty page', async () => {
  const visitor = await stage.visitor()
  const { page } = await visitor.open('/')
  await settle(page)
  const gateway = stage.service.instances().at(-1)
  const [owner = '', id = '', slug = ''] = [gateway?.owners[0], gateway?.id, gateway?.slug]
  const args = { note: 'left\u202eright' }
  await stage.service.ask(owner, { type: 'instance.delete', instance: id, args, job: 'a'.repeat(64), requester: owner })
  await page.getByText('Needs your decision').waitFor()
  await page.getByRole('button', { name: 'See signed request' }).click()
  await page.getByText('left\\u{202E}right').waitFor()
  await page.getByRole('button', { name: 'Deny' }).click()
  await page.getByText(/Denied by you/).waitFor()

  await page.getByRole('button', { name: 'Details', exact: true }).click()
  await page.getByRole('button', { name: 'Delete gateway' }).click()
  const dialog = page.getByRole('dialog')
  expect(await dialog.getByRole('button', { name: 'Delete gateway' }).isDisabled()).toBe(true)
  await dialog.getByRole('textbox').fill(slug)
  await dialog.getByRole('button', { name: 'Delete gateway' }).click()
  await page.getByText('Where should your OpenClaw live?').waitFor()
  await page.getByText(`${slug} is deleted.`).waitFor()
  await until(
    'the service has deleted it',
    () => stage.service.instances().find((known) => known.id === id)?.state === 'deleted',
  )
  await page.getByText('Hello. Who are you').click()
  await page.getByText('This gateway was deleted. Its chat stays here to read.').waitFor()
  expect(await message(page).count()).toBe(0)
  await visitor.context.close()
})
