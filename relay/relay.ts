import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'
import type { Deployment } from '#nips/service'
import { plainAddress } from './address.ts'
import { Client, type Connection } from './connection.ts'
import { createEngine } from './engine.ts'
import { createFollow } from './follow.ts'
import { type About, type RelayInfo, relayInfo } from './info.ts'
import type { Limits } from './limits.ts'
import { createLogging, type LogSwitches } from './logging.ts'
import type { Manage } from './management/manage.ts'
import type { Metrics } from './metrics.ts'
import { createPost, type Socket } from './outbox.ts'
import type { Judging } from './policies/index.ts'
import type { Store } from './store/store.ts'
import type { Verifier } from './verify/verifier.ts'
import type { Sign } from './voice.ts'

export type RelayDeps = {
  store: Store
  clock: Clock
  /** Asked whenever one matters. */
  limits: () => Limits
  about: About
  /** The deployment's keys; without it kinds that only a service may write are refused. */
  deployment?: Deployment | undefined
  /** Host and port of every URL this relay is known by, asked when it matters: a port may be found out late. */
  hosts: () => readonly string[]
  /** A new challenge for a connection: unguessable and never the same. */
  newChallenge: () => string
  /** Runs a task soon, behind the network input that is ready now. */
  defer: (task: () => void) => void
  /** When that is sent which was gathered for the clients; absent: as `defer` says. */
  sendAt?: (task: () => void) => void
  verifier: Verifier
  /** Signs with the relay's own key, the one `about.self` names. */
  sign: Sign
  /** Keys that may run the relay beside the deployment's operator. */
  admins: readonly string[]
  /** The operator's program that has the last word about an event; looked up for each. */
  readonly plugin?: Judging['plugin']
  /** Whether less of the disk is free than the operator wants to keep; absent: nobody looks. */
  diskIsFull?: () => boolean
  log: Log
  /** What is logged besides failures, asked whenever it matters. */
  switches?: () => LogSwitches
}

export type Relay = {
  readonly info: RelayInfo
  readonly limits: Limits
  readonly metrics: Metrics
  /** Answers an admin's request (NIP-86). */
  readonly manage: Manage
  /** Whether an address is not to be let in. */
  refuses(remote: string): boolean
  /** Reads what it has to know before the first client comes. */
  open(): Promise<void>
  connect(socket: Socket, remote: string): Connection
  /** Resolves when every event that was taken is written, then closes the store. Call it when no client is left. */
  close(): Promise<void>
}

/** Milliseconds between two looks for what has expired; readers do not see it from its own second on. */
const SWEEP = 10_000
/** Milliseconds between two looks for what other processes have stored. */
const FOLLOW = 100

/** The whole relay except the network: it listens nowhere. */
export function createRelay(deps: RelayDeps): Relay {
  const { store, clock, limits, verifier, defer, log } = deps
  const logging = createLogging(log, deps.switches)
  const { engine, writer, governance } = createEngine(deps, logging)
  const post = createPost({ clock, maxPending: () => limits().maxPending, defer: deps.sendAt ?? defer })
  const stranger = engine.readerFor(new Set())
  const shared = { engine, stranger, post, log, heard: logging.heard }
  const follow = createFollow({
    store,
    onStored: (event, { json, seq }) =>
      governance.hear(event, () => engine.subscriptions.broadcast(event, json, seq), 'elsewhere'),
  })
  const regularly = (every: number, name: string, task: () => Promise<unknown>) =>
    clock.every(every, () => {
      task().catch((error: unknown) => log(`${name}.failed`, { cause: error }))
    })
  const stops = [
    regularly(SWEEP, 'sweep', async () => {
      engine.reconciliations.sweep(clock.now())
      await Promise.all([store.sweep(clock.now()), governance.retry()])
    }),
    regularly(FOLLOW, 'follow', follow),
  ]

  return {
    get info() {
      return relayInfo(aboutAs(deps.about, governance.rules.list('about')), limits())
    },
    get limits() {
      return limits()
    },
    metrics: engine.metrics,
    open: governance.open,
    manage: governance.manage,
    refuses: (remote) => governance.rules.list('blocked-ips').has(plainAddress(remote)),
    connect: (socket, remote) => new Client(shared, { socket, remote, challenge: deps.newChallenge() }),
    async close() {
      for (const stop of stops) stop()
      post.close()
      await governance.groups.close()
      await writer.idle()
      await verifier.close()
      await store.close()
    },
  }
}

/** What is said about the relay, in the words of its admins where they found any. */
function aboutAs(about: About, words: ReadonlyMap<string, string>): About {
  const { name = about.name, ...more } = Object.fromEntries(words) as { name?: string }
  return { ...about, name, more: { ...about.more, ...more } }
}
