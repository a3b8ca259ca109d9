import type { z } from 'zod'
import { inputSchema, type JobContract, parseInput } from '#nips/job'
import { encodeRequest, paramText } from '#nips/job-events'

/** One member of a job's input: the tag it travels in, and what it has to look like. */
export type Input = {
  readonly name: string
  readonly tag: string
  readonly optional: boolean
  readonly rule: string
  /** What counts when it is left out, as text. */
  readonly otherwise?: string
}

type Schema = {
  /** What no other keyword of JSON Schema can say, in words. */
  readonly description?: string
  readonly type?: unknown
  readonly pattern?: string
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
}

/** A job's inputs in order, from its JSON schema; the tags are those the codec writes for the contract's example. */
export async function inputsOf(job: JobContract): Promise<Input[]> {
  const schema = inputSchema(job)
  const example = parseInput(job, job.example.input) as Record<string, unknown>
  const { tags } = await encodeRequest({ job, input: example, service: '0'.repeat(64), now: 0 })
  const own = tags.filter(([name]) => name !== 'p' && name !== 'expiration')
  return Object.entries(schema.properties ?? {}).map(([name, member]) => {
    const rules: Schema = typeof member === 'object' ? (member as Schema) : {}
    return {
      name,
      tag: own.find(carries(name, paramText(example[name])))?.[0] ?? 'param',
      optional: !(schema.required ?? []).includes(name),
      rule: ruleOf(rules),
      ...(rules.default === undefined ? {} : { otherwise: paramText(rules.default) }),
    }
  })
}

/** Whether a tag is where a member's value went: `param` names it, an `a` address ends with it, others are it. */
const carries =
  (name: string, text: string) =>
  ([key, first]: string[]): boolean =>
    key === 'param' ? first === name : first === text || first?.endsWith(`:${text}`) === true

/** A member's schema in a few words. */
export function ruleOf({ description, type, pattern, enum: words, ...bounds }: Schema): string {
  if (description !== undefined) return description
  if (words !== undefined) return words.map((word) => `\`${String(word)}\``).join(' or ')
  const [, hexDigits] = /^\^\[0-9a-f\]\{(\d+)\}\$$/.exec(pattern ?? '') ?? []
  if (hexDigits !== undefined) return `${hexDigits} hex digits`
  if (pattern !== undefined) return `\`${pattern}\``
  if (type === 'string') return `${rangeOf(bounds.minLength, bounds.maxLength)} characters`.trim()
  return `${String(type)} ${rangeOf(bounds.minimum, bounds.maximum)}`.trim()
}

const rangeOf = (from: number | undefined, to: number | undefined): string =>
  from === undefined && to === undefined ? '' : `${from ?? ''} to ${to ?? 'any'}`.trim()

/** Names of the members of an object's schema, with `?` behind those that may be missing. */
export const memberNames = (shape: Readonly<Record<string, z.ZodType>>): string[] =>
  Object.entries(shape).map(([name, member]) => (member.safeParse(undefined).success ? `${name}?` : name))
