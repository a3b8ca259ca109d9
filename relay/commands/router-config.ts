import { Fault } from '#nips/kit/fault'
import { type ConfigObject, parseConfig, plainValue } from '../strfry-conf/parse.ts'
import { type Filters, filtersOf } from './filters.ts'

/** Some relays that are streamed from, to, or both. */
export type StreamGroup = {
  readonly name: string
  readonly dir: 'up' | 'down' | 'both'
  readonly urls: readonly string[]
  readonly filters: Filters
  /** Plugins that are asked about every event on its way; '' for none. */
  readonly pluginDown: string
  readonly pluginUp: string
}

export type RouterConfig = {
  /** Whether what is taken and refused is told. */
  readonly verbose: boolean
  readonly groups: readonly StreamGroup[]
}

/** Reads the file of `strfry router`. Throws `invalid` with what is wrong. */
export function readRouterConfig(text: string): RouterConfig {
  const root = parseConfig(text)
  const streams = root.get('streams')?.value
  if (!(streams instanceof Map)) throw new Fault('invalid', 'there is no section "streams"')
  const groups = [...(streams as ConfigObject)].map(([name, { value }]) => readGroup(name, plainValue(value)))
  return { verbose: root.get('verbose')?.value !== false, groups }
}

const directions: ReadonlySet<unknown> = new Set<StreamGroup['dir']>(['up', 'down', 'both'])

function readGroup(name: string, spec: unknown): StreamGroup {
  const fail = (problem: string): never => {
    throw new Fault('invalid', `streams.${name} ${problem}`)
  }
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) return fail('is no section')
  const { dir, urls, filter = {}, pluginDown = '', pluginUp = '' } = spec as Record<string, unknown>
  if (!directions.has(dir)) return fail('needs dir = "up", "down" or "both"')
  if (!Array.isArray(urls) || urls.length === 0 || !urls.every(isRelayUrl))
    return fail('needs urls = [ "wss://…" ], one at least')
  if (typeof pluginDown !== 'string' || typeof pluginUp !== 'string') return fail('has a plugin that is no string')
  if (typeof filter !== 'object' || filter === null) return fail('has a filter that is none')
  const filters = filtersOf(filter as Filters['json'])
  return { name, dir: dir as StreamGroup['dir'], urls, filters, pluginDown, pluginUp }
}

const isRelayUrl = (url: unknown): boolean => typeof url === 'string' && /^wss?:\/\/[^/]/.test(url)
