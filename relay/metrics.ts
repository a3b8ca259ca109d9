import type { Store } from './store/store.ts'

/** What is counted, by strfry's names: the label it is told apart by, and what it means. */
const counters = {
  nostr_client_messages_total: { label: 'verb', help: 'messages from clients' },
  nostr_relay_messages_total: { label: 'verb', help: 'messages to clients' },
  nostr_events_total: { label: 'kind', help: 'events that were stored' },
  strfry_write_events_total: { label: '', help: 'events that were written' },
  strfry_write_rejected_total: { label: '', help: 'events that were refused' },
  strfry_write_dups_total: { label: '', help: 'events that were here already' },
  strfry_write_time_microseconds_total: { label: '', help: 'time spent in commits' },
  strfry_slow_client_terminations_total: { label: '', help: 'clients cut off because they did not read' },
  strfry_auth_challenges_sent_total: { label: '', help: 'challenges sent (NIP-42)' },
  strfry_auth_success_total: { label: '', help: 'keys that signed in' },
  strfry_auth_failure_total: { label: '', help: 'sign-ins that were refused' },
} as const
const gauges = {
  strfry_write_batch_size: 'events of the latest commit',
  strfry_connections_current: 'open connections',
  strfry_authenticated_connections_current: 'open connections with a signed-in key',
} as const

/** More values of one label than this are counted together: who chooses them must not fill the memory. */
const MOST_VALUES = 1000
const OTHERS = 'other'

export type CounterName = keyof typeof counters
type GaugeName = keyof typeof gauges

export type Metrics = {
  /** Adds one, or `by`, to a counter; `label` is the value of its label where it has one. */
  add(name: CounterName, label?: string, by?: number): void
  /** Moves a gauge. */
  set(name: GaugeName, value: number): void
  move(name: GaugeName, by: number): void
  /** Prometheus text format 0.0.4. */
  text(): string
}

export function createMetrics(): Metrics {
  const counted = new Map<CounterName, Map<string, number>>()
  const levels = new Map<GaugeName, number>()

  function linesOf(name: CounterName): string[] {
    const { label, help } = counters[name]
    const values = counted.get(name) ?? new Map(label === '' ? [['', 0]] : [])
    const rows = [...values].map(([value, count]) => `${name}${labelled(label, value)} ${count}`)
    return [`# HELP ${name} ${help}`, `# TYPE ${name} counter`, ...rows]
  }

  return {
    add(name, label = '', by = 1) {
      const values = counted.get(name) ?? new Map<string, number>()
      const value = values.has(label) || values.size < MOST_VALUES ? label : OTHERS
      counted.set(name, values.set(value, (values.get(value) ?? 0) + by))
    },
    set: (name, value) => void levels.set(name, value),
    move: (name, by) => void levels.set(name, (levels.get(name) ?? 0) + by),
    text() {
      const names = Object.keys(counters) as CounterName[]
      const levelled = (Object.keys(gauges) as GaugeName[]).flatMap((name) => [
        `# HELP ${name} ${gauges[name]}`,
        `# TYPE ${name} gauge`,
        `${name} ${levels.get(name) ?? 0}`,
      ])
      return `${[...names.flatMap(linesOf), ...levelled].join('\n')}\n`
    },
  }
}

/** A label as the format wants it: backslash, quotation mark and line break are escaped. */
function labelled(label: string, value: string): string {
  if (label === '') return ''
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  return `{${label}="${escaped}"}`
}

/** Counts what is put, and how long that takes. */
export function measured(put: Store['put'], metrics: Pick<Metrics, 'add' | 'set'>, millis: () => number): Store['put'] {
  return async (batch) => {
    const begun = millis()
    const results = await put(batch)
    metrics.add('strfry_write_time_microseconds_total', '', Math.round((millis() - begun) * 1000))
    metrics.set('strfry_write_batch_size', batch.length)
    return results
  }
}
