import { z } from 'zod'
import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import type { Secret } from '#nips/kit/log'
import { createOfflineModel } from './offline/model.ts'
import type { Provider } from './provider.ts'
import { type ModelSettings, type ProviderName, providerNames } from './settings.ts'
import { createUpstream } from './upstream.ts'

export type ProviderDeps = { fetch: typeof globalThis.fetch; clock: Clock }

/** What a row found: a provider to use, or the reason why there is none. */
type Found = { provider: Provider; why: string } | { missing: string }
type Row = (settings: ModelSettings, deps: ProviderDeps) => Promise<Found>

/** What was looked at, in order: a line each for `doctor`. */
type Looked = { name: ProviderName; found: boolean; why: string }
export type Choice = { provider: Provider; why: string; looked: Looked[] }

/** Milliseconds a server on this machine may take to list its models. */
const PROBE = 500

const DEFAULT_OPENAI_MODEL = 'gpt-5.6-luna'

/** A provider is a row. To add one is to add its name to `providerNames` and its row here. */
const rows: Record<ProviderName, Row> = {
  openai: async ({ openaiKey, model = DEFAULT_OPENAI_MODEL }, { fetch }) => {
    if (openaiKey === undefined) return { missing: 'OPENAI_API_KEY is not set' }
    const row = { name: 'openai', label: 'OpenAI', baseUrl: 'https://api.openai.com/v1', key: openaiKey, model }
    return { provider: createUpstream(row, fetch), why: 'OPENAI_API_KEY is set' }
  },
  compatible: async ({ modelBaseUrl, modelKey, model }, deps) => {
    if (modelBaseUrl === undefined) return { missing: 'MODEL_BASE_URL is not set' }
    const server = { baseUrl: modelBaseUrl, key: modelKey }
    const { host } = new URL(modelBaseUrl)
    const chosen = model ?? (isLoopback(modelBaseUrl) ? firstModel(await listModels(server, deps)) : undefined)
    if (chosen === undefined) throw new Fault('invalid', `MODEL is required: which model of ${host} shall answer?`)
    const row = { name: 'compatible', label: host, ...server, model: chosen }
    return { provider: createUpstream(row, deps.fetch), why: 'MODEL_BASE_URL is set' }
  },
  ollama: localServer({ name: 'ollama', label: 'Ollama', baseUrl: 'http://127.0.0.1:11434/v1', get: 'ollama pull' }),
  lmstudio: localServer({ name: 'lmstudio', label: 'LM Studio', baseUrl: 'http://127.0.0.1:1234/v1', get: 'lms get' }),
  offline: async ({ modelProvider }, deps) => ({
    provider: createOfflineModel(deps),
    why: modelProvider === 'offline' ? 'MODEL_PROVIDER is offline' : 'no provider is configured or found',
  }),
}

/**
 * The provider to use: the first that is configured, else the first that runs on this machine, else the offline model;
 * or the one that MODEL_PROVIDER names. `invalid` when what is configured cannot work; nothing but loopback is asked.
 */
export async function chooseProvider(settings: ModelSettings, deps: ProviderDeps): Promise<Choice> {
  const { modelProvider } = settings
  const looked: Looked[] = []
  for (const name of modelProvider === 'auto' ? providerNames : [modelProvider]) {
    const found = await rows[name](settings, deps)
    const isFound = 'provider' in found
    looked.push({ name, found: isFound, why: isFound ? found.why : found.missing })
    if (isFound) return { ...found, looked }
  }
  throw new Fault('invalid', `MODEL_PROVIDER is ${modelProvider}, but ${looked[0]?.why}`)
}

type LocalServer = { name: string; label: string; baseUrl: string; get: string }

/** A model server that is known by the port where it listens on this machine; `get` is its command to fetch a model. */
function localServer({ get, ...row }: LocalServer): Row {
  return async ({ model }, deps) => {
    const listed = await listModels(row, deps)
    if (listed === undefined) return { missing: `nothing answers at ${row.baseUrl}` }
    const chosen = model === undefined ? firstModel(listed) : listed.find((id) => id === model)
    if (chosen !== undefined)
      return {
        provider: createUpstream({ ...row, model: chosen }, deps.fetch),
        why: `${row.label} runs on this machine`,
      }
    const lack = model === undefined ? 'no model for chat' : `no model named ${model}`
    return { missing: `${row.label} runs but has ${lack}; get one with \`${get} ${model ?? '<model>'}\`` }
  }
}

const isLoopback = (url: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)

/** Servers list models for search too; those cannot chat. */
const firstModel = (ids: string[] | undefined): string | undefined => ids?.find((id) => !/embed|rerank/i.test(id))

const modelList = z.object({ data: z.array(z.object({ id: z.string().min(1) })) })

/** Ids of the models a server on this machine offers; `undefined` when none answers in time. */
async function listModels(
  { baseUrl, key }: { baseUrl: string; key?: Secret | undefined },
  { fetch, clock }: ProviderDeps,
): Promise<string[] | undefined> {
  const controller = new AbortController()
  const headers: Record<string, string> = key ? { authorization: `Bearer ${key.reveal()}` } : {}
  const asked = fetch(`${baseUrl}/models`, { headers, signal: controller.signal, redirect: 'error' })
    .then((response) => (response.ok ? response.json() : undefined))
    .then((list) => modelList.safeParse(list).data?.data.map(({ id }) => id))
    .catch(() => undefined)
  const late = clock.sleep(PROBE, controller.signal).catch(() => undefined)
  const listed = await Promise.race([asked, late.then(() => undefined)])
  controller.abort()
  return listed
}
