import type { NostrEvent } from '#nips/keys'
import { parseJson } from '#nips/kit/bytes'
import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'
import { toJson } from '../store/store.ts'
import type { PluginProgram } from './program.ts'

/** Where an event comes from. `info` is an address or a URL; `authed` a key that has signed in. */
export type Source = {
  readonly type: 'IP4' | 'IP6' | 'Import' | 'Stream' | 'Sync' | 'Stored'
  readonly info: string
  readonly authed?: string | undefined
}

export type Answer = { readonly action: 'accept' | 'reject' | 'shadowReject'; readonly msg: string }

/** A write-policy plugin in strfry's protocol. */
export type Plugin = {
  /** What the program says about an event; `accept` while none is configured. Never rejects. */
  ask(event: NostrEvent, source: Source): Promise<Answer>
  /** Whether there is a program to ask, or one that has to be told that it is over. */
  isOn(): boolean
  close(): void
}

export type PluginDeps = {
  /** A shell command, or the path of a script; '' for none. Seconds for one answer. Asked for each event. */
  settings: () => { readonly command: string; readonly timeout: number }
  start: (command: string) => PluginProgram
  /** Another answer whenever a script is another one; throws when it is not there. */
  version: (script: string) => string
  clock: Pick<Clock, 'now' | 'sleep'>
  log: Log
}

/** Most events that wait for one answer; a plugin that hangs must not fill the memory. */
const MOST_WAITING = 10_000

const actions: ReadonlySet<unknown> = new Set<Answer['action']>(['accept', 'reject', 'shadowReject'])
const accepted: Answer = { action: 'accept', msg: '' }
const failed: Answer = { action: 'reject', msg: 'error: internal error' }
const behind: Answer = { action: 'reject', msg: 'error: the write policy does not keep up, try again' }

type Running = { readonly program: PluginProgram; readonly command: string; readonly version: string }

/**
 * Asks about one event at a time. A program that ends, hangs, answers for another event or with an unknown action is
 * ended, the event refused, and the program started anew at the next one.
 */
export function createPlugin({ settings, start, version, clock, log }: PluginDeps): Plugin {
  let running: Running | undefined
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0

  const isOn = (): boolean => settings().command !== '' || running !== undefined

  function stop(): void {
    running?.program.kill()
    running = undefined
  }

  /** The program for this command, started anew when the command or the script is another one. */
  function programFor(command: string): PluginProgram {
    const current = command.includes(' ') ? '' : version(command)
    if (running && (running.command !== command || running.version !== current)) stop()
    if (!running) {
      log('plugin.started', { command })
      running = { program: start(command), command, version: current }
    }
    return running.program
  }

  async function askNow(event: NostrEvent, source: Source): Promise<Answer> {
    const { command, timeout } = settings()
    if (command === '') {
      stop()
      return accepted
    }
    try {
      const program = programFor(command)
      program.say(requestFor(event, source, clock.now()))
      return await withinSeconds(clock, timeout, answerFrom(program, event.id))
    } catch (error) {
      log('plugin.failed', { command, cause: error })
      stop()
      return failed
    }
  }

  async function answerFrom(program: PluginProgram, id: string): Promise<Answer> {
    for (;;) {
      const line = await program.next()
      const answer = parseJson(line)
      if (answer === undefined) log('plugin.unparseable', { line: line.slice(0, 200) })
      else return readAnswer(answer, id)
    }
  }

  return {
    async ask(event, source) {
      if (!isOn()) return accepted
      if (waiting >= MOST_WAITING) return behind
      waiting += 1
      const answer = last.then(() => askNow(event, source))
      last = answer
      return answer.finally(() => {
        waiting -= 1
      })
    },
    isOn,
    close: stop,
  }
}

function requestFor(event: NostrEvent, { type, info, authed }: Source, now: number): string {
  const rest = { receivedAt: now, sourceType: type, sourceInfo: info, ...(authed === undefined ? {} : { authed }) }
  return `{"type":"new","event":${toJson(event)},${JSON.stringify(rest).slice(1)}`
}

function readAnswer(answer: unknown, id: string): Answer {
  const {
    id: named,
    action,
    msg,
  } = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>
  if (named !== id) throw new Error('the plugin answered for another event')
  if (!actions.has(action))
    throw new Error(`the plugin answered with an unknown action: ${String(action).slice(0, 40)}`)
  return { action: action as Answer['action'], msg: typeof msg === 'string' ? msg : '' }
}

/** Rejects when `work` takes longer. */
async function withinSeconds<T>(clock: Pick<Clock, 'sleep'>, seconds: number, work: Promise<T>): Promise<T> {
  const over = new AbortController()
  const late = clock.sleep(seconds * 1000, over.signal).then(
    () => Promise.reject(new Error(`the plugin did not answer within ${seconds} seconds`)),
    () => new Promise<never>(() => undefined),
  )
  try {
    return await Promise.race([work, late])
  } finally {
    over.abort()
  }
}
