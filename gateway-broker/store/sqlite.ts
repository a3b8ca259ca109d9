import Database from 'better-sqlite3'
import { prepareDatabase } from '#nips/kit/database'
import { Fault } from '#nips/kit/fault'
import { migrations } from './migrations.ts'
import type { BrokerStore, InstanceRow, OperationRow } from './store.ts'

const instanceColumns = 'id, owner, slug, state, reason, incarnation, rev, created_at AS createdAt'
const operationColumns = 'job, name, owner, ticket, ended AS "end", started_at AS startedAt'

/** The broker's memory in one file, or in memory with `:memory:`. */
export function openBrokerStore(path: string): BrokerStore {
  const db = prepareDatabase(new Database(path), migrations)
  return { ...instanceTable(db), ...operationTable(db), ...tokenTable(db), close: () => void db.close() }
}

type Db = Database.Database

function instanceTable(
  db: Db,
): Pick<BrokerStore, 'instance' | 'instances' | 'instancesOf' | 'addInstance' | 'changeInstance'> {
  const select = (where: string) =>
    db.prepare<unknown[], InstanceRow>(`SELECT ${instanceColumns} FROM instance ${where}`)
  const byId = select('WHERE id = ?')
  const all = select('ORDER BY created_at, id')
  const byOwner = select('WHERE owner = ? ORDER BY created_at, id')
  const insert = db.prepare("INSERT INTO instance VALUES (@id, @owner, @slug, 'provisioning', NULL, 0, 1, @createdAt)")
  const update = db.prepare(
    `UPDATE instance SET state = @state, reason = @reason, rev = rev + 1, incarnation = incarnation + @started
     WHERE id = @id AND state <> 'deleted'`,
  )
  return {
    instance: (id) => byId.get(id),
    instances: () => all.all(),
    instancesOf: (owner) => byOwner.all(owner),
    addInstance: (row) => {
      insert.run(row)
      return present(byId.get(row.id))
    },
    changeInstance: (id, { state, reason, started }) => {
      const { changes } = update.run({ id, state, reason: reason ?? null, started: started ? 1 : 0 })
      return changes === 0 ? undefined : byId.get(id)
    },
  }
}

function operationTable(db: Db): Pick<BrokerStore, 'operation' | 'runningOperations' | 'begin' | 'end'> {
  const select = (where: string) =>
    db.prepare<unknown[], OperationRow>(`SELECT ${operationColumns} FROM operation ${where}`)
  const byJob = select('WHERE job = ?')
  const running = select('WHERE ended IS NULL ORDER BY started_at')
  const insert = db.prepare('INSERT INTO operation VALUES (@job, @name, @owner, @ticket, NULL, @startedAt)')
  const spend = db.prepare('INSERT INTO spent_approval VALUES (?, ?) ON CONFLICT DO NOTHING')
  const finish = db.prepare('UPDATE operation SET ended = ? WHERE job = ? AND ended IS NULL')
  const begin = db.transaction(({ approval, also, ...row }: Parameters<BrokerStore['begin']>[0]) => {
    if (approval !== undefined && spend.run(approval, row.job).changes === 0)
      throw new Fault('conflict', 'this approval has been used')
    also?.()
    insert.run(row)
  })
  return {
    operation: (job) => byJob.get(job),
    runningOperations: () => running.all(),
    begin: (row) => begin.immediate(row),
    end: (job, line) => void finish.run(line, job),
  }
}

function tokenTable(db: Db): Pick<BrokerStore, 'claim'> {
  const sweep = db.prepare('DELETE FROM seen_token WHERE until < ?')
  const insert = db.prepare('INSERT INTO seen_token VALUES (?, ?) ON CONFLICT DO NOTHING')
  const claim = db.transaction((token: string, until: number, now: number) => {
    sweep.run(now)
    return insert.run(token, until).changes === 1
  })
  return { claim: (token, until, now) => claim.immediate(token, until, now) }
}

function present<T>(row: T | undefined): T {
  if (row === undefined) throw new Fault('internal', 'a row that was just written is gone')
  return row
}
