import { Secret } from '#nips/kit/log'
import { oneOf, type Setting, setting, type Values } from '#nips/kit/settings'

const secret = (raw: string): Secret => new Secret(raw.trim())

/** Whole seconds from 1 to an hour. */
function seconds(raw: string): number {
  const value = Number(raw)
  if (!Number.isInteger(value) || value < 1 || value > 3600) throw new Error('must be whole seconds from 1 to 3600')
  return value
}

function webUrl(raw: string): string {
  const url = URL.parse(raw.trim())
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Error('must be an http or https URL')
  return url.href.replace(/\/+$/, '')
}

/** Names of the provider rows in the order in which they are tried. */
export const providerNames = ['openai', 'compatible', 'ollama', 'lmstudio', 'offline'] as const
export type ProviderName = (typeof providerNames)[number]

/** Where models come from. All may be left out: then a model found on this machine answers, else the offline model. */
export const modelSettings = {
  modelProvider: setting<'auto' | ProviderName>({
    env: 'MODEL_PROVIDER',
    doc: 'which provider answers; auto takes the first that is configured or found',
    parse: oneOf('auto', ...providerNames),
    default: 'auto',
  }),
  openaiKey: optional({
    env: 'OPENAI_API_KEY',
    doc: 'key of OpenAI; it stays in the broker',
    parse: secret,
    secret: true,
  }),
  modelBaseUrl: optional({
    env: 'MODEL_BASE_URL',
    doc: 'base URL of any OpenAI-compatible service, with its /v1',
    parse: webUrl,
  }),
  modelKey: optional({
    env: 'MODEL_API_KEY',
    doc: 'key for MODEL_BASE_URL, if it wants one',
    parse: secret,
    secret: true,
  }),
  model: optional({
    env: 'MODEL',
    doc: 'id of the model; without it OpenAI answers with gpt-5.6-luna and a local server with its first model',
    parse: (raw) => raw.trim(),
  }),
  modelFirstByteSeconds: setting({
    env: 'MODEL_FIRST_BYTE_SECONDS',
    doc: 'seconds a model may take until it sends anything',
    parse: seconds,
    default: 120,
  }),
  modelStallSeconds: setting({
    env: 'MODEL_STALL_SECONDS',
    doc: 'seconds a model may be silent in the middle of an answer',
    parse: seconds,
    default: 60,
  }),
}
export type ModelSettings = Values<typeof modelSettings>

/** A setting that may be missing: it is `undefined` then. */
function optional<T>(row: Setting<T>): Setting<T | undefined> {
  return setting<T | undefined>({ ...row, default: undefined })
}
