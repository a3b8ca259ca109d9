/**
 * The one table of kinds: what each is, who may write it here, who may read it here.
 * The relay's read and write rules, the kinds table of SKILL.md and the discovery document are read from it.
 */

/** `public`: everybody. `parties`: its author and whoever it names in a `p` tag, after NIP-42. */
export type Readers = 'public' | 'parties'
/**
 * `anyone`: any key. `service`: a key of this deployment with role `service`. `approver`: a key that the
 * approval request named in `e` asks. `relay`: the relay itself, never a client. `nobody`: proofs of identity,
 * which are never stored or sent on.
 */
export type Writers = 'anyone' | 'service' | 'approver' | 'relay' | 'nobody'

export type KindRow = {
  readonly first: number
  readonly last: number
  readonly name: string
  readonly readers: Readers
  readonly writers: Writers
  /** The NIP, or `openclaw-jobs` for our own profile. */
  readonly source: string
  readonly doc: string
}

export const kind = {
  metadata: 0,
  note: 1,
  deletion: 5,
  vanish: 62,
  giftWrap: 1059,
  report: 1984,
  comment: 1111,
  feedback: 7000,
  approvalRequest: 5783,
  decision: 6783,
  heartbeat: 11_998,
  relayAuth: 22_242,
  httpAuth: 27_235,
  deployment: 30_078,
  instance: 31_770,
  checkpoint: 31_774,
  announcement: 31_990,
} as const

/** Later rows win over earlier ones, so an exception stands after its block. */
export const kinds: readonly KindRow[] = [
  row([0], 'profile', 'NIP-01', 'who somebody is; agents say "bot": true (NIP-24)'),
  row([1], 'note', 'NIP-10', 'a public post'),
  row([4], 'legacy direct message', 'NIP-04', 'only its two parties read it; write kind 1059 instead', 'parties'),
  row([5], 'deletion', 'NIP-09', 'the author takes back own events'),
  row([62], 'request to vanish', 'NIP-62', 'this relay erases everything of the author and refuses it from then on'),
  row([1059], 'gift wrap', 'NIP-59', 'a private message; its receiver may delete it', 'parties'),
  row([1111], 'comment', 'NIP-22', 'an answer to anything'),
  row([1984], 'report', 'NIP-56', 'somebody objects to a post or a key; only admins of the relay act on it'),
  row([5770, 5799], 'job request', 'openclaw-jobs', 'what somebody asks of the service', 'parties'),
  row([5783], 'approval request', 'openclaw-jobs', 'the service asks an owner to decide', 'parties', 'service'),
  row([6770, 6799], 'job result', 'openclaw-jobs', 'request kind plus 1000', 'parties', 'service'),
  row([6783], 'decision', 'openclaw-jobs', 'an owner approves or denies exactly one action', 'parties', 'approver'),
  row([7000], 'job feedback', 'NIP-90', 'progress, or the error a job ended with', 'parties', 'service'),
  row([8000, 8001], 'membership', 'NIP-43', 'somebody belongs to a private relay, or not any more', 'public', 'relay'),
  row([9000, 9020], 'group moderation', 'NIP-29', 'what a group is follows from these; they are never taken back'),
  row([9021, 9022], 'group request', 'NIP-29', 'somebody joins or leaves a group; codes are for their author alone'),
  row([11_998], 'heartbeat', 'openclaw-jobs', 'the service is alive, and what it runs', 'public', 'service'),
  row([13_534], 'relay members', 'NIP-43', 'who belongs to a private relay', 'public', 'relay'),
  row([21_059], 'ephemeral gift wrap', 'NIP-59', 'a private message that is not stored', 'parties'),
  row([22_242], 'relay sign-in', 'NIP-42', 'sent as AUTH, never as EVENT', 'public', 'nobody'),
  row([25_770, 25_799], 'job stream', 'openclaw-jobs', 'ephemeral twin: request kind plus 20000', 'parties', 'service'),
  row([27_235], 'HTTP sign-in', 'NIP-98', 'sent in an Authorization header, never as EVENT', 'public', 'nobody'),
  row([28_934], 'relay join', 'NIP-43', 'an invite code, told to the relay alone'),
  row([28_935], 'relay invite', 'NIP-43', 'made for the member who asks, never kept', 'public', 'relay'),
  row([28_936], 'relay leave', 'NIP-43', 'told to the relay alone'),
  row([30_078], 'application data', 'NIP-78', 'settings of a key; the operator lists the service keys in one'),
  row([31_770], 'instance', 'openclaw-jobs', 'one OpenClaw gateway and its state', 'parties', 'service'),
  row([31_771, 31_773], 'project, thread, policy', 'openclaw-jobs', 'reserved', 'parties', 'service'),
  row([31_774], 'checkpoint', 'openclaw-jobs', 'the text of a running job so far', 'parties', 'service'),
  row([31_775], 'device', 'openclaw-jobs', 'reserved', 'parties', 'service'),
  row([31_990], 'announcement', 'NIP-89', 'which jobs a service does'),
  row([33_534], 'relay role', 'NIP-43', 'what a role of a private relay is', 'public', 'relay'),
  row([39_000, 39_009], 'group state', 'NIP-29', 'a group as the relay knows it', 'public', 'relay'),
]

type Range = [first: number, last?: number]

// A bundle whose code reads no row of the table leaves it out.
/* @__NO_SIDE_EFFECTS__ */
// biome-ignore lint/complexity/useMaxParams: one row of a table, read across
function row(
  [first, last = first]: Range,
  name: string,
  source: string,
  doc: string,
  readers: Readers = 'public',
  writers: Writers = 'anyone',
): KindRow {
  return { first, last, name, readers, writers, source, doc }
}

type Rule = Pick<KindRow, 'readers' | 'writers'>

/** Found once: a relay asks for every event it hands to anybody. */
const rules = new Map<number, Rule>()

const unlisted: Rule = { readers: 'public', writers: 'anyone' }

/** The rule for a kind; one that is not in the table is public and anybody's. */
export function ruleOf(number: number): Rule {
  const known = rules.get(number)
  if (known) return known
  const rule = kinds.findLast(({ first, last }) => number >= first && number <= last) ?? unlisted
  rules.set(number, rule)
  return rule
}

export type Storage = 'regular' | 'replaceable' | 'addressable' | 'ephemeral'

/** NIP-01's classes. */
export function storageOf(number: number): Storage {
  if (number === 0 || number === 3 || (number >= 10_000 && number < 20_000)) return 'replaceable'
  if (number >= 20_000 && number < 30_000) return 'ephemeral'
  if (number >= 30_000 && number < 40_000) return 'addressable'
  return 'regular'
}

/** Kinds that are private to their parties: needed by whoever asks for them by name. */
export const isPrivate = (number: number): boolean => ruleOf(number).readers === 'parties'

/**
 * The record of what was done on whose word: approval requests, decisions, job results, and the moderation of groups.
 * No deletion (NIP-09) takes them away; only their own expiration or a request to vanish does.
 */
export const isLasting = (number: number): boolean =>
  number === kind.approvalRequest || (number >= 6770 && number <= 6799) || (number >= 9000 && number <= 9022)
