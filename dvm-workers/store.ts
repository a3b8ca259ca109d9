import Database from 'better-sqlite3'
import type { NostrEvent } from '#nips/keys'
import { prepareDatabase } from '#nips/kit/database'

/** `following`: a job with the same `idem` came first, and its end is this one's end. */
type JobStage = 'accepted' | 'deciding' | 'running' | 'following' | 'done'

export type JobRow = {
  readonly id: string
  readonly name: string
  readonly owner: string
  readonly idem: string | null
  /** Hash of the input, so that one `idem` names one intent. */
  readonly inputHash: string
  readonly stage: JobStage
  readonly follows: string | null
  /** The request, the approval request and the decision as JSON. */
  readonly request: string
  readonly approval: string | null
  readonly decision: string | null
  /** Numbers below this may have been given to deltas. */
  readonly nextSeq: number
  /** Seconds; after it the job ends with an error. */
  readonly deadline: number
  /** How it ended, as JSON, once it has. */
  readonly outcome: string | null
}

export type NewJob = Pick<
  JobRow,
  'id' | 'name' | 'owner' | 'idem' | 'inputHash' | 'stage' | 'follows' | 'request' | 'deadline' | 'outcome'
>

/** `from` is where the caller thinks the job stands. */
type Move = { from: JobStage } & Partial<Pick<JobRow, 'stage' | 'decision' | 'approval' | 'deadline'>> & {
    approvalId?: string
  }

export type WorkerStore = {
  job(id: string): JobRow | undefined
  jobWithApproval(approvalId: string): JobRow | undefined
  /** The first job of that owner and kind with that `idem`. */
  jobWithIdem(owner: string, name: string, idem: string): JobRow | undefined
  followers(id: string): JobRow[]
  open(): JobRow[]
  /** Claims a request; `false` when it was claimed before. */
  claim(job: NewJob, events: NostrEvent[]): boolean
  /** Moves a job on if it still stands where the caller thinks; the events leave in the same transaction. */
  move(id: string, change: Move, events?: NostrEvent[]): boolean
  /** Ends a job, once, together with its terminal event. */
  end(id: string, outcome: string, terminal: NostrEvent): boolean
  /** Reserves `count` numbers for deltas and returns the first. */
  reserveSeq(id: string, count: number): number
  unsent(): NostrEvent[]
  sent(id: string): void
  /** When an address was last written, and at which revision. */
  address(name: string): { at: number; rev: number } | undefined
  /** Remembers what was written to an address; the event leaves in the same transaction. */
  wrote(name: string, address: { at: number; rev: number }, event: NostrEvent): void
  close(): void
}

const migrations = [
  `CREATE TABLE job (
     id TEXT PRIMARY KEY, name TEXT NOT NULL, owner TEXT NOT NULL, idem TEXT, input_hash TEXT NOT NULL, stage TEXT NOT NULL,
     follows TEXT, request TEXT NOT NULL, approval TEXT, approval_id TEXT, decision TEXT, next_seq INTEGER NOT NULL DEFAULT 0,
     deadline INTEGER NOT NULL, outcome TEXT
   ) STRICT, WITHOUT ROWID;
   CREATE UNIQUE INDEX job_idem ON job (owner, name, idem) WHERE idem IS NOT NULL AND follows IS NULL;
   CREATE UNIQUE INDEX job_approval ON job (approval_id) WHERE approval_id IS NOT NULL;
   CREATE INDEX job_follows ON job (follows) WHERE follows IS NOT NULL;
   CREATE INDEX job_open ON job (stage) WHERE stage <> 'done';
   CREATE TABLE outbox (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, event TEXT NOT NULL) STRICT;
   CREATE TABLE address (name TEXT PRIMARY KEY, at INTEGER NOT NULL, rev INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
]

const columns =
  'id, name, owner, idem, input_hash AS inputHash, stage, follows, request, approval, decision, next_seq AS nextSeq, deadline, outcome'

/** The worker's memory in one file, or in memory with `:memory:`. */
export function openWorkerStore(path: string): WorkerStore {
  const db = prepareDatabase(new Database(path), migrations)
  const put = db.prepare('INSERT INTO outbox (id, event) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const send = (events: readonly NostrEvent[]) => {
    for (const event of events) put.run(event.id, JSON.stringify(event))
  }
  return {
    ...jobTable(db),
    ...jobChanges(db, send),
    ...outboxTable(db),
    ...addressTable(db, send),
    close: () => void db.close(),
  }
}

type Db = Database.Database

function jobTable(db: Db): Pick<WorkerStore, 'job' | 'jobWithApproval' | 'jobWithIdem' | 'followers' | 'open'> {
  const select = (where: string) => db.prepare<unknown[], JobRow>(`SELECT ${columns} FROM job WHERE ${where}`)
  const byId = select('id = ?')
  const byApproval = select('approval_id = ?')
  const byIdem = select('owner = ? AND name = ? AND idem = ? AND follows IS NULL')
  const following = select("follows = ? AND stage = 'following'")
  const open = select("stage <> 'done'")
  return {
    job: (id) => byId.get(id),
    jobWithApproval: (id) => byApproval.get(id),
    jobWithIdem: (owner, name, idem) => byIdem.get(owner, name, idem),
    followers: (id) => following.all(id),
    open: () => open.all(),
  }
}

function jobChanges(
  db: Db,
  send: (events: readonly NostrEvent[]) => void,
): Pick<WorkerStore, 'claim' | 'move' | 'end' | 'reserveSeq'> {
  const insert = db.prepare(
    `INSERT INTO job (id, name, owner, idem, input_hash, stage, follows, request, deadline, outcome)
     VALUES (@id, @name, @owner, @idem, @inputHash, @stage, @follows, @request, @deadline, @outcome) ON CONFLICT (id) DO NOTHING`,
  )
  const update = db.prepare(
    `UPDATE job SET stage = coalesce(@stage, stage), decision = coalesce(@decision, decision),
       approval = coalesce(@approval, approval), approval_id = coalesce(@approvalId, approval_id),
       deadline = coalesce(@deadline, deadline)
     WHERE id = @id AND stage = @from`,
  )
  const finish = db.prepare("UPDATE job SET stage = 'done', outcome = ? WHERE id = ? AND stage <> 'done'")
  const reserve = db.prepare<unknown[], { next: number }>(
    'UPDATE job SET next_seq = next_seq + ? WHERE id = ? RETURNING next_seq AS next',
  )
  const claim = db.transaction((job: NewJob, events: NostrEvent[]) => {
    const claimed = insert.run(job).changes === 1
    if (claimed) send(events)
    return claimed
  })
  const move = db.transaction((row: Record<string, unknown>, events: NostrEvent[]) => {
    const moved =
      update.run({ stage: null, decision: null, approval: null, approvalId: null, deadline: null, ...row }).changes ===
      1
    if (moved) send(events)
    return moved
  })
  const end = db.transaction((id: string, outcome: string, terminal: NostrEvent) => {
    const ended = finish.run(outcome, id).changes === 1
    if (ended) send([terminal])
    return ended
  })
  return {
    claim: (job, events) => claim.immediate(job, events),
    move: (id, change, events = []) => move.immediate({ ...change, id }, events),
    end: (id, outcome, terminal) => end.immediate(id, outcome, terminal),
    reserveSeq: (id, count) => (reserve.get(count, id)?.next ?? count) - count,
  }
}

function outboxTable(db: Db): Pick<WorkerStore, 'unsent' | 'sent'> {
  const all = db.prepare<unknown[], { event: string }>('SELECT event FROM outbox ORDER BY number')
  const remove = db.prepare('DELETE FROM outbox WHERE id = ?')
  return {
    unsent: () => all.all().map(({ event }) => JSON.parse(event) as NostrEvent),
    sent: (id) => void remove.run(id),
  }
}

function addressTable(db: Db, send: (events: readonly NostrEvent[]) => void): Pick<WorkerStore, 'address' | 'wrote'> {
  const get = db.prepare<unknown[], { at: number; rev: number }>('SELECT at, rev FROM address WHERE name = ?')
  const set = db.prepare(
    'INSERT INTO address VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET at = excluded.at, rev = excluded.rev',
  )
  const wrote = db.transaction((name: string, { at, rev }: { at: number; rev: number }, event: NostrEvent) => {
    set.run(name, at, rev)
    send([event])
  })
  return { address: (name) => get.get(name), wrote: (name, address, event) => wrote.immediate(name, address, event) }
}
