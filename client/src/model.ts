import type { Instance } from '#nips/instance'
import type { EventTemplate, NostrEvent } from '#nips/keys'
import type { FaultCode } from '#nips/kit/fault'
import type { LinkState } from '#nips/relay-socket'
import type { Health } from '#nips/service'

/** What the page shows, as the Worker tells it. Plain data only: it crosses `postMessage`. Times are seconds since 1970. */

export type LinkView = LinkState

export type ServiceView = {
  /** `silent`: connected to the relay, and no heartbeat for longer than it may take. */
  state: 'unknown' | 'alive' | 'silent'
  health?: Health
  /** From the discovery document. */
  pubkey?: string
  relay?: string
  version?: string
  maxChatText?: number
  /** Seconds the deployment's clock is ahead of this browser's, where that matters. */
  ahead?: number
}

export type AccountView = { pubkey: string; npub: string; source: 'local' | 'extension'; backedUp: boolean }

export type InstanceView = Omit<Instance, 'owners'> & { changedAt: number }

export type ErrorView = { code: FaultCode | 'refused' | 'signer'; message: string; fix: string; retry: boolean }

/** One message and its answer. Its `id` stays the same from the moment it was typed. */
export type TurnView = {
  id: string
  instance: string
  thread: string
  at: number
  text: string
  /** How far the message got. */
  sent: 'queued' | 'sent' | 'delivered' | 'refused'
  /** How far the answer got. */
  stage: 'waiting' | 'thinking' | 'writing' | 'done' | 'failed' | 'stopped'
  answer: string
  /** Stop was pressed, and the run has not ended yet. */
  stopping?: boolean
  error?: ErrorView
  model?: string
}

export type LineView = { phase: string; label: string; at: number; until?: number; progress?: number }

/** A job of mine that makes or removes a gateway. */
export type TaskView = {
  id: string
  type: 'provision' | 'delete'
  slug: string
  instance: string
  at: number
  stage: 'queued' | 'running' | 'done' | 'failed'
  lines: LineView[]
  seconds?: number
  error?: ErrorView
}

export type TicketView = {
  id: string
  type: string
  title: string
  instance: string
  requester: string
  at: number
  until: number
  /** What would run, as the canonical JSON whose hash a decision signs. */
  json: string
  hash: string
  state: 'open' | 'deciding' | 'approved' | 'denied' | 'failed'
  decidedAt?: number
  reason?: string
}

export type PostView = {
  id: string
  kind: number
  pubkey: string
  at: number
  text: string
  /** The post this one answers, and the first post of the conversation. */
  parent?: string
  root?: string
  /** Mine, and not on the relay yet. */
  state?: 'queued' | 'refused'
  error?: string
}

/** `agent`: it says so itself (NIP-24). */
export type ProfileView = { npub: string; name?: string; agent: boolean }

/** What has been read to its end at least once, from the cache or the relay. */
export type LoadedView = { cache: boolean; instances: boolean; jobs: boolean; posts: boolean }

export type View = {
  loaded: LoadedView
  link: LinkView
  service: ServiceView
  /** `null`: there is no key. `undefined`: the Worker has not told yet. */
  account: AccountView | null | undefined
  /** Whether this page may keep a key: browsers offer WebCrypto on https and localhost only. */
  secure: boolean
  instances: InstanceView[]
  tasks: TaskView[]
  tickets: TicketView[]
  turns: Record<string, TurnView>
  posts: Record<string, PostView>
  profiles: Record<string, ProfileView>
  /** Messages and posts that wait to be sent. */
  waiting: number
}

export const emptyView: View = {
  loaded: { cache: false, instances: false, jobs: false, posts: false },
  link: { state: 'connecting', before: false },
  service: { state: 'unknown' },
  account: undefined,
  secure: true,
  instances: [],
  tasks: [],
  tickets: [],
  turns: {},
  posts: {},
  profiles: {},
  waiting: 0,
}

export type TableName = 'turns' | 'posts' | 'profiles'
export type SliceName = Exclude<keyof View, TableName>

export type Patch =
  | { [K in SliceName]: { slice: K; value: View[K] } }[SliceName]
  | { [K in TableName]: { table: K; key: string; row: View[K][string] | null } }[TableName]
  /** More text for the answer of a turn: an answer only grows, so the rest need not travel again. */
  | { grow: string; text: string }
  | { clear: TableName }

/** What the page asks of the Worker, and what comes back. A refusal comes back as an `ErrorView`. */
export type Commands = {
  createKey(): void
  importKey(args: { secret: string; password?: string }): void
  useExtension(args: { pubkey: string }): void
  makeBackup(args: { password: string }): string
  confirmBackup(): void
  signOut(): void
  provision(args: { slug: string; intro: string }): void
  retryTask(args: { task: string }): void
  dismissTask(args: { task: string }): void
  deleteInstance(args: { instance: string }): void
  /** `after`: the task that makes the gateway, while there is none. */
  say(args: { instance: string; thread: string; text: string; after?: string }): void
  stop(args: { turn: string }): void
  retryTurn(args: { turn: string }): void
  discardTurn(args: { turn: string }): void
  decide(args: { ticket: string; choice: 'approve' | 'deny' }): void
  post(args: { text: string; parent?: string }): void
  discardPost(args: { post: string }): void
  retryNow(): void
}
export type CommandName = keyof Commands

/** What a NIP-07 extension is asked; it lives in the page, where the Worker cannot reach it. */
export type SignerCall =
  | { method: 'sign'; template: EventTemplate }
  | { method: 'encrypt' | 'decrypt'; peer: string; text: string }
export type SignerAnswer = NostrEvent | string

export type ToWorker =
  | { type: 'command'; id: number; name: CommandName; args: unknown }
  | { type: 'signed'; id: number; value: SignerAnswer }
  | { type: 'unsigned'; id: number; reason: string }

export type FromWorker =
  | { type: 'patches'; patches: Patch[] }
  | { type: 'done'; id: number; value: unknown }
  | { type: 'failed'; id: number; error: ErrorView }
  | { type: 'sign'; id: number; call: SignerCall }
  | { type: 'notice'; text: string }
