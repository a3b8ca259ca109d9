import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readSettings } from '#nips/kit/settings'
import { manualClock } from '#tests/support/clock'
import { chooseProvider } from './providers.ts'
import { modelSettings } from './settings.ts'

const OLLAMA = 'http://127.0.0.1:11434/v1/models'
const LM_STUDIO = 'http://127.0.0.1:1234/v1/models'
const OWN = 'http://localhost:9999/v1/models'

/** A network in which only the listed addresses answer, each with its models. */
function network(servers: Record<string, string[]>) {
  const asked: string[] = []
  const fetch = async (input: string | URL | Request): Promise<Response> => {
    const url = String(input)
    asked.push(url)
    const models = servers[url]
    if (models === undefined) throw new TypeError('fetch failed')
    return Response.json({ object: 'list', data: models.map((id) => ({ id })) })
  }
  return { asked, fetch }
}

type Env = Record<string, string>
const choose = (env: Env, { fetch }: Pick<ReturnType<typeof network>, 'fetch'>, clock = manualClock()) =>
  chooseProvider(readSettings(modelSettings, env), { fetch, clock })

const local = { [OLLAMA]: ['nomic-embed-text', 'llama4:8b', 'qwen4'], [LM_STUDIO]: ['gemma'] }

test.each<{ says: string; env: Env; servers: Record<string, string[]>; is: [string, string, string] }>([
  { says: 'nothing is set and nothing runs', env: {}, servers: {}, is: ['offline', 'Offline model', 'offline'] },
  {
    says: 'OpenAI has a key',
    env: { OPENAI_API_KEY: 'k', MODEL_BASE_URL: 'https://models.example/v1' },
    servers: local,
    is: ['openai', 'OpenAI', 'gpt-5.6-luna'],
  },
  {
    says: 'OpenAI has a key and a model',
    env: { OPENAI_API_KEY: 'k', MODEL: 'gpt-x' },
    servers: {},
    is: ['openai', 'OpenAI', 'gpt-x'],
  },
  {
    says: 'a compatible service is set',
    env: { MODEL_BASE_URL: 'https://models.example/v1/', MODEL: 'm' },
    servers: local,
    is: ['compatible', 'models.example', 'm'],
  },
  {
    says: 'a compatible service of this machine lists its models',
    env: { MODEL_BASE_URL: 'http://localhost:9999/v1' },
    servers: { [OWN]: ['bge-embed', 'first'] },
    is: ['compatible', 'localhost:9999', 'first'],
  },
  { says: 'Ollama runs', env: {}, servers: local, is: ['ollama', 'Ollama', 'llama4:8b'] },
  { says: 'Ollama has the model', env: { MODEL: 'qwen4' }, servers: local, is: ['ollama', 'Ollama', 'qwen4'] },
  { says: 'LM Studio has the model', env: { MODEL: 'gemma' }, servers: local, is: ['lmstudio', 'LM Studio', 'gemma'] },
  {
    says: 'Ollama runs without a model for chat',
    env: {},
    servers: { [OLLAMA]: ['nomic-embed-text'] },
    is: ['offline', 'Offline model', 'offline'],
  },
  {
    says: 'MODEL_PROVIDER names the offline model',
    env: { MODEL_PROVIDER: 'offline', OPENAI_API_KEY: 'k' },
    servers: local,
    is: ['offline', 'Offline model', 'offline'],
  },
  {
    says: 'MODEL_PROVIDER names one behind others',
    env: { MODEL_PROVIDER: 'lmstudio', OPENAI_API_KEY: 'k' },
    servers: local,
    is: ['lmstudio', 'LM Studio', 'gemma'],
  },
])('when $says, $is answers', async ({ env, servers, is }) => {
  const net = network(servers)
  const { provider, looked } = await choose(env, net)
  expect([provider.name, provider.label, provider.model]).toEqual(is)
  expect(provider.offline).toBe(is[0] === 'offline')
  expect(looked.at(-1)).toMatchObject({ name: is[0], found: true })
  expect(net.asked.every((url) => [OLLAMA, LM_STUDIO, OWN].includes(url))).toBe(true)
})

test('doctor is told what was looked at, and why not', async () => {
  const { looked, why } = await choose({ MODEL: 'big' }, network({ [OLLAMA]: ['small'] }))
  expect(looked.map(({ name, why: reason }) => `${name}: ${reason}`)).toEqual([
    'openai: OPENAI_API_KEY is not set',
    'compatible: MODEL_BASE_URL is not set',
    'ollama: Ollama runs but has no model named big; get one with `ollama pull big`',
    'lmstudio: nothing answers at http://127.0.0.1:1234/v1',
    'offline: no provider is configured or found',
  ])
  expect(why).toBe('no provider is configured or found')
})

test('a server of this machine that does not answer is given up after half a second', async () => {
  const clock = manualClock()
  const mute = { fetch: () => new Promise<Response>(() => undefined) }
  let isChosen = false
  const choice = choose({}, mute, clock).finally(() => {
    isChosen = true
  })
  while (!isChosen) {
    await clock.advance(100)
    await setImmediate()
  }
  expect((await choice).provider.name).toBe('offline')
  expect(clock.millis()).toBeLessThanOrEqual(1200)
})

test.each<{ says: string; env: Env; error: RegExp }>([
  {
    says: 'a service without a model',
    env: { MODEL_BASE_URL: 'https://models.example/v1' },
    error: /MODEL is required/,
  },
  { says: 'no URL', env: { MODEL_BASE_URL: 'models.example' }, error: /MODEL_BASE_URL must be an http or https URL/ },
  {
    says: 'a provider nobody knows',
    env: { MODEL_PROVIDER: 'x' },
    error: /MODEL_PROVIDER must be one of auto, openai/,
  },
  { says: 'a provider without its key', env: { MODEL_PROVIDER: 'openai' }, error: /but OPENAI_API_KEY is not set/ },
  { says: 'no seconds', env: { MODEL_STALL_SECONDS: '0' }, error: /MODEL_STALL_SECONDS must be whole seconds/ },
])('$says is refused in words', async ({ env, error }) => {
  await expect(async () => choose(env, network({}))).rejects.toThrow(error)
})

test('a key is never printed', () => {
  const settings = readSettings(modelSettings, { OPENAI_API_KEY: 'sk-secret', MODEL_API_KEY: 'sk-secret' })
  expect(`${JSON.stringify(settings)} ${settings.openaiKey}`).not.toContain('sk-secret')
})
