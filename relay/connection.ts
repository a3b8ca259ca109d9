import { Fault, toFault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import { BadRequest, type ClientMessage, parseClientMessage, type RelayMessage } from '#nips/message'
import { isDeeperThan } from './depth.ts'
import { Outbox, type Post, type Socket } from './outbox.ts'
import type { Reader } from './read-rules.ts'
import type { Session } from './session.ts'
import type { Subscription } from './subscriptions.ts'
import { createTurns, type Turns } from './turns.ts'
import { verbs } from './verbs/index.ts'
import type { Engine, Verb } from './verbs/verb.ts'

/** One client, as the server sees it. */
export type Connection = {
  /** Takes one text message; resolves when all it asks for is done. Never rejects. */
  receive(frame: string): Promise<void>
  /** Takes nothing more from the client until `letGo` was called as often. */
  hold(): void
  letGo(): void
  /** Says that the client was sent something besides, as the answer to a ping. */
  sentBesides(): void
  /** Says that the client took something of what it was sent. */
  drained(): void
  /** Says that the socket is gone. */
  gone(): void
}

/** What all connections share. */
export type ConnectionDeps = {
  readonly engine: Engine
  /** Who everybody without a key is. */
  readonly stranger: Reader
  readonly post: Post
  readonly log: Log
  /** Told of each message before it is taken. */
  readonly heard: (frame: string, remote: string) => void
}

export type Arrival = { socket: Socket; remote: string; challenge: string }

/** Characters of one client's messages that may be worked on at once; beyond, nothing more is read from it. */
const WORKLOAD = 2_097_152
/** Scans of one client that run at once; the others wait in their order. */
const SCANS = 8

/** One client, as the server and as the verbs see it. There are thousands, so each is one small object. */
export class Client implements Connection, Session {
  readonly challenge: string
  readonly remote: string
  readonly keys = new Set<string>()
  readonly subscriptions = new Map<string, Subscription>()
  readonly #deps: ConnectionDeps
  readonly #socket: Socket
  readonly #outbox: Outbox
  #reader: Reader | undefined
  #turns: Turns | undefined
  #isGone = false
  #holders = 0
  #workload = 0
  #isOverloaded = false

  constructor(deps: ConnectionDeps, { socket, remote, challenge }: Arrival) {
    this.#deps = deps
    this.#socket = socket
    this.remote = remote
    this.challenge = challenge
    this.#outbox = new Outbox(socket, deps.post, (why) => {
      deps.engine.metrics.add('strfry_slow_client_terminations_total')
      deps.log('connection.cut', { remote, why })
    })
    deps.engine.metrics.move('strfry_connections_current', 1)
    this.#say(['AUTH', challenge])
  }

  async receive(frame: string): Promise<void> {
    const { engine, heard } = this.#deps
    heard(frame, this.remote)
    this.#load(frame.length)
    const refused = await converse(frame, this, engine)
    if (refused) this.#refuse(refused)
    this.#load(-frame.length)
  }

  hold(): void {
    this.#holders += 1
    if (this.#holders === 1) this.#socket.pause()
  }

  letGo(): void {
    this.#holders -= 1
    if (this.#holders === 0) this.#socket.resume()
  }

  sentBesides(): void {
    this.#outbox.check()
  }

  drained(): void {
    this.#outbox.drained()
  }

  gone(): void {
    const { metrics, reconciliations } = this.#deps.engine
    this.#isGone = true
    metrics.move('strfry_connections_current', -1)
    if (this.keys.size > 0) metrics.move('strfry_authenticated_connections_current', -1)
    for (const subscription of [...this.subscriptions.values()]) subscription.close()
    reconciliations.leave(this)
    this.#outbox.end()
  }

  signIn(key: string): void {
    const { metrics } = this.#deps.engine
    metrics.add('strfry_auth_success_total')
    if (this.keys.size === 0 && !this.#isGone) metrics.move('strfry_authenticated_connections_current', 1)
    this.keys.add(key)
  }

  reader(): Reader {
    if (this.keys.size === 0) return this.#deps.stranger
    this.#reader ??= this.#deps.engine.readerFor(this.keys)
    return this.#reader
  }

  reply(message: RelayMessage): void {
    if (message[0] === 'CLOSED') this.subscriptions.get(message[1])?.close()
    if (message[0] === 'NEG-ERR') this.#deps.engine.reconciliations.close(this, message[1])
    if (asksForAuth(message)) this.#say(['AUTH', this.challenge])
    this.#say(message)
  }

  send(message: string): void {
    this.#outbox.send(message)
  }

  deliver(subscription: string, json: string): void {
    this.#deps.engine.metrics.add('nostr_relay_messages_total', 'EVENT')
    this.#outbox.send(`["EVENT",${JSON.stringify(subscription)},${json}]`)
  }

  inTurn<T>(task: () => Promise<T>): Promise<T> {
    this.#turns ??= createTurns(SCANS)
    return this.#turns(task)
  }

  sent(): Promise<void> {
    return this.#outbox.room()
  }

  cut(why: string): void {
    this.#outbox.cut(why)
  }

  #say(message: RelayMessage): void {
    const { metrics } = this.#deps.engine
    metrics.add('nostr_relay_messages_total', message[0])
    if (message[0] === 'AUTH') metrics.add('strfry_auth_challenges_sent_total')
    this.#outbox.send(JSON.stringify(message))
  }

  #refuse({ verb, fault, reply }: Refused): void {
    const { engine, log } = this.#deps
    if (verb === 'AUTH') engine.metrics.add('strfry_auth_failure_total')
    if (fault.code === 'internal' || fault.code === 'unavailable') log('message.failed', { cause: fault })
    this.reply(reply)
  }

  #load(characters: number): void {
    this.#workload += characters
    if (this.#isOverloaded === this.#workload > WORKLOAD) return
    this.#isOverloaded = !this.#isOverloaded
    if (this.#isOverloaded) this.hold()
    else this.letGo()
  }
}

type Refused = { verb: ClientMessage['verb'] | undefined; fault: Fault; reply: RelayMessage }

/** Frame to message to verb. The door: nothing that is thrown behind it goes further. */
async function converse(frame: string, session: Session, engine: Engine): Promise<Refused | undefined> {
  let message: ClientMessage | undefined
  try {
    message = readFrame(frame, engine)
    await (verbs[message.verb] as Verb).run(message, session, engine)
    return undefined
  } catch (thrown) {
    const fault = toFault(thrown)
    const reply = message ? (verbs[message.verb] as Verb).refuse(message, fault) : refuseFrame(fault)
    return { verb: message?.verb, fault, reply }
  }
}

function readFrame(frame: string, { limits, metrics }: Engine): ClientMessage {
  let verb = 'UNKNOWN'
  try {
    if (isDeeperThan(frame, limits.maxDepth)) throw new Fault('invalid', 'bad msg: nested too deeply')
    const message = parseClientMessage(frame, limits.message)
    verb = message.verb
    return message
  } finally {
    metrics.add('nostr_client_messages_total', verb)
  }
}

/** strfry's words; a request that can be named is closed, so that its client does not wait. */
function refuseFrame(fault: Fault): RelayMessage {
  if (!(fault instanceof BadRequest)) return ['NOTICE', `ERROR: ${fault.message}`]
  if (fault.answer === 'NEG-ERR') return ['NEG-ERR', fault.subscription, fault.reason]
  const text = fault.message.startsWith('bad req: ') ? fault.message : `bad req: ${fault.message}`
  return ['CLOSED', fault.subscription, `ERROR: ${text}`]
}

function asksForAuth(message: RelayMessage): boolean {
  const [kind, , second, third] = message
  const reason = kind === 'OK' ? third : kind === 'CLOSED' || kind === 'NEG-ERR' ? second : undefined
  return reason?.startsWith('auth-required:') === true
}
