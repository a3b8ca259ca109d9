import type { InstanceState } from '#nips/instance'

/** One OpenClaw gateway as the broker keeps it. Deleted rows stay: a tombstone that no retry can undo. */
export type InstanceRow = {
  readonly id: string
  readonly owner: string
  readonly slug: string
  readonly state: InstanceState
  readonly reason: string | null
  /** Counts its starts. */
  readonly incarnation: number
  /** Counts its changes. */
  readonly rev: number
  readonly createdAt: number
}

export type InstanceChange = { state: InstanceState; reason?: string; started?: boolean }

/** One job the broker took on. `end` is the last line of its answer, as JSON, once there is one. */
export type OperationRow = {
  readonly job: string
  readonly name: string
  readonly owner: string
  readonly ticket: string
  readonly end: string | null
  readonly startedAt: number
}

type Begin = Omit<OperationRow, 'end'> & {
  /** The 5783 whose approval is spent by this job. */
  approval?: string
  /** Runs in the same transaction; a Fault it throws leaves nothing behind. */
  also?: () => void
}

/** What the broker must never forget. Every method is one transaction and durable when it returns. */
export type BrokerStore = {
  instance(id: string): InstanceRow | undefined
  instances(): InstanceRow[]
  instancesOf(owner: string): InstanceRow[]
  addInstance(row: Pick<InstanceRow, 'id' | 'owner' | 'slug' | 'createdAt'>): InstanceRow
  /** Changes a row and returns it; a deleted row never changes again (`undefined`). */
  changeInstance(id: string, change: InstanceChange): InstanceRow | undefined
  operation(job: string): OperationRow | undefined
  runningOperations(): OperationRow[]
  /** Takes a job on, once. Throws `conflict` when its approval was spent before. */
  begin(begin: Begin): void
  /** Writes the last line, once; a second one changes nothing. */
  end(job: string, line: string): void
  /** Remembers a token until then, in seconds; `false` when it was known already. */
  claim(token: string, until: number, now: number): boolean
  close(): void
}
