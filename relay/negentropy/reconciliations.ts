import { Fault } from '#nips/kit/fault'
import type { Session } from '../session.ts'
import { createTurns } from '../turns.ts'
import type { Records } from './records.ts'

/** One NEG-OPEN that is open. */
export type Reconciliation = {
  /** What is compared; absent while it is still being read from the store. */
  records: Records | undefined
  /** Whether a message is being answered. */
  busy: boolean
  /** Seconds: when the client was last heard of. */
  heard: number
}

/** The open reconciliations of all clients (NIP-77). Their names are apart from those of subscriptions. */
export type Reconciliations = {
  /** Opens one in place of the session's of the same name. Throws when the session has too many. */
  open(session: Session, name: string, now: number): Reconciliation
  /** Gathers for one of them when it is its turn, and keeps what was gathered. Throws when all of them hold too much. */
  gather(opened: Reconciliation, most: number, gather: () => Promise<Records | undefined>): Promise<void>
  find(session: Session, name: string): Reconciliation | undefined
  close(session: Session, name: string): void
  /** Forgets everything of a client that is gone. */
  leave(session: Session): void
  /** Ends those whose clients have not been heard of for `IDLE` seconds. */
  sweep(now: number): void
}

/** Of one connection. */
const MOST = 2
/** Gathered at once; the others wait. */
const GATHERED = 2
/** How many of the largest size may be held at once, by all clients together. */
const HELD = 4
/** Seconds. */
const IDLE = 30

export function createReconciliations(): Reconciliations {
  const open = new Map<Session, Map<string, Reconciliation>>()
  const inTurn = createTurns(GATHERED)

  const held = (): number =>
    [...open.values()].flatMap((own) => [...own.values()]).reduce((sum, { records }) => sum + (records?.size ?? 0), 0)

  return {
    open(session, name, now) {
      const own = open.get(session) ?? new Map<string, Reconciliation>()
      if (own.size >= MOST && !own.has(name)) throw new Fault('conflict', 'too many concurrent NEG requests')
      const reconciliation: Reconciliation = { records: undefined, busy: true, heard: now }
      open.set(session, own.set(name, reconciliation))
      return reconciliation
    },
    gather: (opened, most, gather) =>
      inTurn(async () => {
        const records = await gather()
        if (held() + (records?.size ?? 0) > HELD * most) throw new Fault('conflict', 'too many concurrent NEG requests')
        opened.records = records
      }),
    find: (session, name) => open.get(session)?.get(name),
    close: (session, name) => void open.get(session)?.delete(name),
    leave: (session) => void open.delete(session),
    sweep(now) {
      for (const [session, own] of open)
        for (const [name, { busy, heard }] of [...own])
          if (!busy && now - heard >= IDLE) session.reply(['NEG-ERR', name, 'closed: you took too long to respond'])
    },
  }
}
