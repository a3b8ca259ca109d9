import type { Clock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import type { CommandName, Commands } from '../model.ts'
import type { Accounts } from './account.ts'
import type { Database } from './database.ts'
import type { Locks } from './locks.ts'
import type { Office } from './office.ts'
import type { Work } from './work.ts'

export type CommandDeps = {
  db: Database
  clock: Clock
  locks: Locks
  accounts: Accounts
  office: Office
  /** The account is another one now: the other tabs should begin again, as this one does. */
  tellAccount(): void
}

type Args<N extends CommandName> = Parameters<Commands[N]>[0]
export type CommandTable = {
  [N in CommandName]: (args: Args<N>) => ReturnType<Commands[N]> | Promise<ReturnType<Commands[N]>>
}

/** What the page may ask for, each in one place. */
export function commandTable({ db, clock, locks, accounts, office, tellAccount }: CommandDeps): CommandTable {
  const work = (): Work => office.desk().requireWork()
  const afterwards = async (change: Promise<void>): Promise<void> => {
    await change
    tellAccount()
    await office.restart()
  }
  return {
    createKey: () => afterwards(accounts.create()),
    importKey: ({ secret, password }) => afterwards(accounts.bring(secret, password)),
    useExtension: ({ pubkey }) => afterwards(accounts.useExtension(pubkey)),
    makeBackup: ({ password }) => accounts.backup(password),
    confirmBackup: () => afterwards(accounts.confirmBackup()),
    signOut: () => {
      office.close()
      return afterwards(accounts.signOut())
    },
    provision: (args) => provision({ db, locks, work: work(), now: clock.now() }, args),
    retryTask: async ({ task }) => {
      await db.remove('facts', PENDING)
      await retryTask(work(), task)
    },
    dismissTask: async ({ task }) => {
      await db.remove('facts', PENDING)
      await dismissTask(work(), task)
    },
    deleteInstance: ({ instance }) => remove({ locks, work: work() }, instance),
    say: async ({ instance, thread, text, after }) => {
      await work().ask('chat', { instance, thread, text }, after === undefined ? {} : { after })
    },
    stop: ({ turn }) => stop(work(), turn),
    retryTurn: ({ turn }) => retryTurn(work(), turn),
    discardTurn: ({ turn }) => discardTurn(work(), turn),
    decide: ({ ticket, choice }) => work().decisions.decide(ticket, choice),
    post: ({ text, parent }) => office.desk().post(text, parent),
    discardPost: ({ post }) => work().outbox.discard(post),
    retryNow: () => office.retryNow(),
  }
}

const PENDING = 'provision/pending'

/** The intent to have a gateway, as all tabs of this browser see it. */
type Pending = { task: string; at: number }

/** Seconds in which a second press means the same as the first, even if this tab has not heard of it yet. */
const SAME_PRESS = 60

/** One gateway however many tabs press: the intent is written down under a lock, and whoever comes later follows it. */
function provision(
  { db, locks, work, now }: { db: Database; locks: Locks; work: Work; now: number },
  { slug, intro }: Args<'provision'>,
): Promise<void> {
  return locks('openagents-provision', false, async () => {
    await work.outbox.load()
    const pending = await db.get<Pending>('facts', PENDING)
    if (pending !== undefined && isGoing(work, pending, now)) return
    const task = await work.ask('instance.provision', { slug })
    await db.put('facts', PENDING, { task, at: now } satisfies Pending)
    if (intro !== '') await work.ask('chat', { instance: '', thread: 'main', text: intro }, { after: task })
  })
}

function isGoing(work: Work, { task, at }: Pending, now: number): boolean {
  const known = work.tasks().find(({ id }) => id === task)
  if (known?.stage === 'failed') return false
  return known?.stage === 'queued' || known?.stage === 'running' || now - at < SAME_PRESS
}

function remove({ locks, work }: { locks: Locks; work: Work }, instance: string): Promise<void> {
  return locks(`openagents-delete-${instance}`, false, async () => {
    await work.outbox.load()
    const going = work
      .tasks()
      .some(
        ({ type, stage, instance: about }) =>
          type === 'delete' && about === instance && stage !== 'failed' && stage !== 'done',
      )
    if (!going) await work.ask('instance.delete', { instance })
  })
}

/** The same again, as a new intent; the first message waits for the new gateway instead. */
async function retryTask(work: Work, task: string): Promise<void> {
  const failed = work.tasks().find(({ id, stage }) => id === task && stage === 'failed')
  if (failed === undefined) throw new Fault('not-found', 'nothing failed here')
  const { type, slug, instance } = failed
  const again =
    type === 'provision'
      ? await work.ask('instance.provision', { slug })
      : await work.ask('instance.delete', { instance })
  for (const draft of work.outbox.list()) if (draft.after === task) await work.outbox.add({ ...draft, after: again })
  await dropTask(work, task)
}

/** Puts a failed task away, and the message that waited for it. */
async function dismissTask(work: Work, task: string): Promise<void> {
  for (const draft of work.outbox.list()) if (draft.after === task) await work.outbox.discard(draft.id)
  await dropTask(work, task)
}

async function dropTask(work: Work, task: string): Promise<void> {
  if (work.outbox.get(task) !== undefined) await work.outbox.discard(task)
  await work.dismiss(task)
}

/** A run that has begun is ended in the gateway; a message that still waits is simply not sent. */
async function stop(work: Work, turn: string): Promise<void> {
  const request = work.transcript.requestOf(turn)
  if (request === undefined) return work.outbox.discard(turn)
  work.transcript.stopping(turn)
  await work.ask('abort', { job: request.id })
}

async function retryTurn(work: Work, turn: string): Promise<void> {
  const said = work.transcript.get(turn)
  if (said === undefined) throw new Fault('not-found', 'this message is not here any more')
  const { instance, thread, text } = said
  if (said.sent === 'refused') await discardTurn(work, turn)
  await work.ask('chat', { instance, thread, text })
}

async function discardTurn(work: Work, turn: string): Promise<void> {
  await work.outbox.discard(turn)
  await work.transcript.forget(turn)
}
