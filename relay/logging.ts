import { toFault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import type { Connection } from './connection.ts'
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
  /** The same connection, with what comes in noted before it is taken. */
  overhear(connection: Connection, remote: string): Connection
}

/** The switches are asked for each message, so that they may change while the relay runs. */
export const createLogging = (log: Log, switches: () => LogSwitches = () => quiet): Logging => ({
  refused(raw, thrown, { remote }) {
    if (switches().invalidEvents) log('event.refused', { id: namedId(raw), why: toFault(thrown).reason, remote })
  },
  overhear: (connection, remote) => ({
    ...connection,
    receive(frame) {
      if (isDumped(frame, switches())) log('message.in', { remote, frame })
      return connection.receive(frame)
    },
  }),
})
