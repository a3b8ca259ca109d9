import type { Page } from 'playwright-core'
import type { Health } from '#nips/service'
import type { Answer, Script } from '#tests/support/scripted-service'

const health: Health = {
  openclaw: { version: '2026.9.6', state: 'ready', progress: 1 },
  model: { name: 'offline', label: 'Offline model', offline: true },
  driver: {
    name: 'bwrap',
    guarantees: ['cannot read files of this machine', 'has no network but the model proxy'],
    gaps: ['memory and CPU time are not limited'],
    isolates: true,
  },
}

/** Numbered words, long enough to be caught in the middle. */
export const long = Array.from({ length: 30 }, (_, number) => `word${number} `)
export const lastWord = 'word29'

/** What somebody says decides how the answer goes. */
function answer(text: string): Answer {
  if (text.startsWith('slow')) return { pieces: long, pause: 40 }
  if (text.startsWith('fail'))
    return { pieces: ['half an ', 'answer'], pause: 10, fail: { code: 'interrupted', message: 'the gateway stopped' } }
  if (text.startsWith('empty'))
    return { pieces: [], pause: 5, fail: { code: 'model-empty', message: 'the model answered with nothing' } }
  return { pieces: ['You said: ', `**${text}**`, ' and <b>no HTML</b>.'], pause: 10 }
}

export const script = (): Script => ({ health, answer, phase: 60 })

export const message = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true })

export async function say(page: Page, text: string): Promise<void> {
  await message(page).fill(text)
  await message(page).press('Enter')
}

/** From the first press to the consent dialog, with a new key on the way. */
export async function askForGateway(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Provision & send intro' }).click()
  await page.getByRole('button', { name: /Create a new key/ }).click()
  await page.getByRole('heading', { name: 'Create a hosted OpenClaw?' }).waitFor()
}

/** A key, a gateway and the first answer. */
export async function settle(page: Page): Promise<void> {
  await askForGateway(page)
  await page.getByRole('button', { name: 'Create OpenClaw' }).click()
  await page.getByText('and what can you do for me? and').waitFor()
}
