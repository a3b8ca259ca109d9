/** One figure of a run. `peer` is the same thing done without us, measured in the same run. */
export type Figure = { name: string; value: string; peer?: string }

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
export const millis = (ms: number): string => `${ms.toFixed(1)} ms`
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
export const kibibytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`

/** The value below which that share of all lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export async function timed<T>(work: () => Promise<T>): Promise<[ms: number, result: T]> {
  const started = performance.now()
  const result = await work()
  return [performance.now() - started, result]
}

export function table(title: string, figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length))
  const rows = figures.map(({ name, value, peer }) => `  ${name.padEnd(width)}  ${value}${peer ? `   (${peer})` : ''}`)
  return [`\n${title}`, ...rows].join('\n')
}

/** One figure of the same load on several relays, in their order; `NaN` where it could not be had. */
export type Row = { name: string; values: readonly number[] }
/** What figures whose name has `figure` in it should be: so many times better than the peer's, or this at most. */
export type Goal = { figure: string } & ({ ratio: number } | { most: number })

export type Compared = {
  names: readonly string[]
  /** How many of them, from the first on, are ours; the next one is the peer that ratios and goals go by. */
  ours: number
  rows: readonly Row[]
  goals: readonly Goal[]
}

/** A table with a column for each relay; a peer's also says how many times better ours, the first, is. */
export function comparison(title: string, { names, ours, rows, goals }: Compared): string {
  const lines = rows.map(({ name, values }) => {
    const [own = Number.NaN] = values
    const better = (value: number): number => (name.includes('/s') ? own / value : value / own)
    const cells = values.map((value, place) =>
      place < ours ? shown(value) : `${shown(value)} (${shown(better(value))}×)`,
    )
    const verdicts = goals
      .filter(({ figure }) => ours > 0 && name.includes(figure))
      .map((goal) => verdict(goal, own, better(values[ours] ?? Number.NaN)))
    return [name, ...cells, ...verdicts]
  })
  return columns([[title, ...names, goals.length > 0 ? 'goal' : ''], ...lines])
}

const shown = (value: number): string =>
  Number.isNaN(value) ? '–' : value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2)

function verdict(goal: Goal, own: number, ratio: number): string {
  const [says, value, met] =
    'ratio' in goal ? [`≥ ${goal.ratio}×`, ratio, ratio >= goal.ratio] : [`≤ ${goal.most}`, own, own <= goal.most]
  return Number.isNaN(value) ? says : `${says} ${met ? 'met' : 'MISSED'}`
}

function columns(lines: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0))
  const padded = lines.map((line) => line.map((cell, column) => cell.padEnd(width(column))).join('  '))
  return `\n${padded.map((line) => line.trimEnd()).join('\n')}`
}
