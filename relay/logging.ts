import { toFault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import type { Session } from './session.ts'
import { namedId } from './verbs/texts.ts'

/** What goes into the log besides starts, ends and failures; strfry's switches. */
export type LogSwitches = {
  /** Every message from a client. */
  readonly dumpInAll: boolean
  /** Every EVENT. */
  readonly dumpInEvents: boolean
  /** Every REQ and CLOSE. */
  readonly dumpInReqs: boolean
  /** Every event that was refused, and why. */
  readonly invalidEvents: boolean
}

const quiet: LogSwitches = { dumpInAll: false, dumpInEvents: false, dumpInReqs: false, invalidEvents: false }

/** Whether a message from a client goes into the log as it is. */
function isDumped(frame: string, { dumpInAll, dumpInEvents, dumpInReqs }: LogSwitches): boolean {
  if (dumpInAll || !(dumpInEvents || dumpInReqs)) return dumpInAll
  const verb = /^\s*\[\s*"([A-Z-]+)"/.exec(frame)?.[1]
  return (dumpInEvents && verb === 'EVENT') || (dumpInReqs && (verb === 'REQ' || verb === 'CLOSE'))
}

export type Logging = {
  /** Notes an event that was refused, without its text. */
  refused(raw: unknown, thrown: unknown, session: Pick<Session, 'remote'>): void
  /** Notes a message that comes in, where that is on. */
  heard(frame: string, remote: string): void
}

/** The switches are asked for each message, so that they may change while the relay runs. */
export const createLogging = (log: Log, switches: () => LogSwitches = () => quiet): Logging => ({
  refused(raw, thrown, { remote }) {
    if (switches().invalidEvents) log('event.refused', { id: namedId(raw), why: toFault(thrown).reason, remote })
  },
  heard(frame, remote) {
    if (isDumped(frame, switches())) log('message.in', { remote, frame })
  },
})
