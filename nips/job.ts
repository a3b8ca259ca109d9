import { z } from 'zod'
import { Fault } from './kit/fault.ts'

/** The least consent a job needs: `decision` means a signed 6783 bound to exactly this request (approval.ts). */
type Consent = 'none' | 'decision'

/** What an owner's grant must list before another key may ask for this job. */
type Scope = 'read' | 'chat' | 'runtime' | 'delete'

/** Everything there is to know about a job, except how it is done. Pure data: client, workers, broker and docs read it. */
export type JobContract<
  Name extends string = string,
  I extends z.ZodObject = z.ZodObject,
  O extends z.ZodObject = z.ZodObject,
> = {
  /** `noun.verb`: the operation's name in HTTP, tools and SKILL.md. */
  readonly name: Name
  /** Request kind, 5770 to 5799; the result is kind + 1000, the ephemeral stream kind + 20000. */
  readonly kind: number
  /** One sentence, read by models and people alike. */
  readonly summary: string
  readonly input: I
  readonly output: O
  /** The input member that travels as `["i", text, "text"]`, as NIP-90 has it. */
  readonly prompt?: string
  readonly consent: Consent
  readonly scope: Scope
  /** `optional` lets an agent send it in the clear: one relay, readable by its parties only. */
  readonly encryption: 'required' | 'optional'
  /** Who asks: any caller asks the service, or the service asks an owner (5783). */
  readonly asker: 'caller' | 'service'
  /** The phases its feedback may report, in order, each with the line of progress people see. */
  readonly phases: Readonly<Record<string, string>>
  /** Whether its request may be forgotten after its time (NIP-40); others are the record of what was asked. */
  readonly passing: boolean
  /** Whether it streams text on its ephemeral twin. */
  readonly streams: boolean
  /** Seconds from acceptance until the service gives up and ends it with an error. */
  readonly deadline: number
  /** What a decision about it is called, for people. */
  readonly question?: string
  readonly example: { readonly input: z.input<I>; readonly output: z.input<O> }
}

export function defineJob<const Name extends string, I extends z.ZodObject, O extends z.ZodObject>(
  contract: JobContract<Name, I, O>,
): JobContract<Name, I, O> {
  const { name, kind, consent, question } = contract
  if (kind < 5770 || kind > 5799) throw new Fault('internal', `${name}: ${kind} is outside 5770 to 5799`)
  if (consent === 'decision' && question === undefined)
    throw new Fault('internal', `${name}: a decision needs its question`)
  return contract
}

export const resultKind = (job: Pick<JobContract, 'kind'>): number => job.kind + 1000
export const streamKind = (job: Pick<JobContract, 'kind'>): number => job.kind + 20_000

/** The JSON Schema a caller must satisfy; members with a default stay optional. */
export const inputSchema = (job: JobContract) => z.toJSONSchema(job.input, { io: 'input' })

/** The job as a function a model can call; function names allow no dots. */
export const toTool = (job: JobContract) => ({
  type: 'function' as const,
  function: { name: job.name.replaceAll('.', '_'), description: job.summary, parameters: inputSchema(job) },
})

/** Checks an input and fills in defaults; `invalid` names every member that is wrong. */
export function parseInput<J extends JobContract>(job: J, value: unknown): z.output<J['input']> {
  return parseWith(job.input, value, job.name) as z.output<J['input']>
}

/** Checks an output before it is published: an empty or malformed success is an error. */
export function parseOutput<J extends JobContract>(job: J, value: unknown): z.output<J['output']> {
  return parseWith(job.output, value, `${job.name} result`) as z.output<J['output']>
}

function parseWith(schema: z.ZodType, value: unknown, name: string): unknown {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Fault('invalid', `${name}: ${z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, ' ')}`)
}
