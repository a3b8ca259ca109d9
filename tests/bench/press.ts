import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requester } from '../support/requester.ts'
import { startSystem } from '../support/system.ts'
import { type Figure, seconds } from './figures.ts'

const ROUNDS = 3

/** From the press on the button (the request is signed) to the first token of the intro in the chat. */
export async function pressFigures(): Promise<Figure[]> {
  const warm: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) warm.push(await press({}))
  const empty = await mkdtemp(join(tmpdir(), 'oa-cold-'))
  const cold = await press({ OPENCLAW_DIR: join(empty, 'openclaw'), BUN_INSTALL_CACHE_DIR: join(empty, 'cache') })
  rmSync(empty, { recursive: true, force: true })
  const sorted = warm.sort((a, b) => a - b)
  return [
    {
      name: 'press to first token, OpenClaw installed',
      value: seconds(sorted[1] ?? Number.NaN),
      peer: `of ${ROUNDS}: ${sorted.map(seconds).join(', ')}`,
    },
    { name: 'press to first token, nothing installed, empty caches', value: seconds(cold) },
  ]
}

async function press(env: Record<string, string>): Promise<number> {
  const system = await startSystem(env)
  const owner = requester(system)
  try {
    const started = performance.now()
    const instance = await owner.provision()
    const intro = await owner.say(instance, 'Introduce yourself in one sentence.')
    await new Promise<void>((resolve) => {
      intro.onChange(() => intro.state().text !== '' && resolve())
      if (intro.state().text !== '') resolve()
    })
    return performance.now() - started
  } finally {
    owner.close()
    await system.stop()
  }
}
