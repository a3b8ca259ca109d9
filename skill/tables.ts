import { type JobContract, resultKind, streamKind } from '#nips/job'
import { type KindRow, type Readers, storageOf, type Writers } from '#nips/kinds'
import type { Facts, FaultFacts, JobFacts, Vector } from './collect.ts'
import { type Input, memberNames } from './inputs.ts'
import { paddedTable, table } from './markdown.ts'

const code = (text: string): string => `\`${text}\``

/** `5783`, or `5770-5799`. */
const rangeOf = ({ first, last }: Pick<KindRow, 'first' | 'last'>): string =>
  first === last ? String(first) : `${first}-${last}`

/** The kinds whose rule fits, as ranges; of two rows the later one is a kind's rule. */
export function rangesWhere(kinds: readonly KindRow[], fits: (row: KindRow) => boolean): string {
  const ranges: { first: number; last: number }[] = []
  for (const number of numbersOf(kinds)) {
    const rule = kinds.findLast(({ first, last }) => number >= first && number <= last)
    if (rule === undefined || !fits(rule)) continue
    const open = ranges.at(-1)
    if (open?.last === number - 1) open.last = number
    else ranges.push({ first: number, last: number })
  }
  return ranges.map(rangeOf).join(', ')
}

/** Every number the rows name, ascending. */
function numbersOf(kinds: readonly KindRow[]): number[] {
  const numbers = kinds.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, step) => first + step),
  )
  return [...new Set(numbers)].sort((a, b) => a - b)
}

function inputText({ name, tag, optional, rule, otherwise }: Input): string {
  const else_ = otherwise === undefined ? '' : `, else ${code(otherwise)}`
  return `${code(name)}${optional ? '?' : ''} (${tag}): ${rule}${else_}`
}

/** A result's content is the whole output as JSON. */
const outputText = ({ output }: JobContract): string => `{${memberNames(output.shape).join(', ')}}`

/** The jobs anybody may ask for, as SKILL.md shows them. */
export const jobTable = (jobs: readonly JobFacts[]): string =>
  table([
    ['job', 'request→result', 'text on', 'consent', 'input (its tag)', 'result', 'what it does'],
    ...jobs
      .filter(({ contract }) => contract.asker === 'caller')
      .map(({ contract, inputs }) => [
        contract.name,
        `${contract.kind}→${resultKind(contract)}`,
        contract.streams ? String(streamKind(contract)) : '',
        contract.consent,
        inputs.map(inputText).join('; '),
        outputText(contract),
        contract.summary,
      ]),
  ])

/** Every code a job may end with, as SKILL.md shows them. */
export const faultTable = (faults: readonly FaultFacts[]): string =>
  table([
    ['code', 'retry', 'what to do'],
    ...faults.map(({ code: word, retry, fix }) => [word, retry ? 'yes' : 'no', fix]),
  ])

/** The jobs of the profile, with all that another implementation has to agree on. */
export const profileJobs = (jobs: readonly JobFacts[]): string =>
  paddedTable([
    ['Job', 'Kinds', 'Encryption', 'Request stays', 'Consent', 'Input (its tag)', 'Result', 'Phases', 'Deadline'],
    ...jobs
      .filter(({ contract }) => contract.asker === 'caller')
      .map(({ contract, inputs }) => [
        code(contract.name),
        `${contract.kind}, ${resultKind(contract)}${contract.streams ? `, text on ${streamKind(contract)}` : ''}`,
        contract.encryption,
        contract.passing ? 'no' : 'yes',
        contract.consent,
        inputs.map(inputText).join('; '),
        outputText(contract),
        Object.keys(contract.phases).join(', '),
        `${contract.deadline} s`,
      ]),
  ])

const readers: Record<Readers, string> = { public: 'everybody', parties: 'author and `p`' }
const writers: Record<Writers, string> = {
  anyone: 'any key',
  service: 'the service',
  approver: 'whom its 5783 asks',
  relay: 'the relay',
  nobody: 'nobody',
}

/** Every kind the relay has a rule for. */
export const kindTable = (kinds: readonly KindRow[]): string =>
  paddedTable([
    ['Kind', 'Name', 'Storage', 'Written by', 'Read by', 'Source', 'What it is'],
    ...kinds.map((row) => [
      rangeOf(row),
      row.name,
      storageOf(row.first),
      writers[row.writers],
      readers[row.readers],
      row.source,
      row.doc,
    ]),
  ])

export const profileFaults = (faults: readonly FaultFacts[]): string =>
  paddedTable([
    ['Code', '`retryable`', '`alt`'],
    ...faults.map(({ code: word, retry, fix }) => [code(word), String(retry), fix]),
  ])

export const vectorList = (vectors: readonly Vector[]): string =>
  vectors.map(({ what, from, to }) => `- ${what}: ${code(from)} gives ${code(to)}.`).join('\n')

/** What the content of 31770 tells. */
export const instanceText = ({ members, states }: Facts['instance']): string =>
  `Content is the JSON \`{${members.join(', ')}}\`; \`?\` marks what may be missing. \`state\` is ${states.map(code).join(', ')}. \`since\` is when its process started, in seconds; \`incarnation\` counts the starts.`
