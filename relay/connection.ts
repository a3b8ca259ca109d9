import { Fault, toFault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import { BadRequest, type ClientMessage, parseClientMessage, type RelayMessage } from '#nips/message'
import { isDeeperThan } from './depth.ts'
import { Outbox, type Post, type Socket } from './outbox.ts'
import type { Reader } from './read-rules.ts'
import type { Session } from './session.ts'
import type { Subscription } from './subscriptions.ts'
import { createTurns } from './turns.ts'
import { verbs } from './verbs/index.ts'
import type { Engine, Verb } from './verbs/verb.ts'

/** One client. */
export type Connection = {
  /** Takes one text message; resolves when all it asks for is done. Never rejects. */
  receive(frame: string): Promise<void>
  /** Takes nothing more from the client until the returned function is called. */
  hold(): () => void
  /** Says that the client took something of what it was sent. */
  drained(): void
  /** Says that the socket is gone. */
  gone(): void
}

export type ConnectionDeps = {
  socket: Socket
  remote: string
  challenge: string
  engine: Engine
  post: Post
  log: Log
}

/** Characters of one client's messages that may be worked on at once; beyond, nothing more is read from it. */
const WORKLOAD = 2_097_152
/** Scans of one client that run at once; the others wait in their order. */
const SCANS = 8

export function createConnection(deps: ConnectionDeps): Connection {
  const { socket, engine, log } = deps
  const { metrics } = engine
  const { session, outbox, leave } = openSession(deps)
  const hold = createBrake(socket)
  let letGo: (() => void) | undefined
  let workload = 0
  metrics.move('strfry_connections_current', 1)
  session.reply(['AUTH', deps.challenge])

  function load(characters: number): void {
    workload += characters
    if (workload > WORKLOAD) letGo ??= hold()
    else if (letGo) {
      letGo()
      letGo = undefined
    }
  }

  function refuse({ verb, fault, reply }: Refused): void {
    if (verb === 'AUTH') metrics.add('strfry_auth_failure_total')
    if (fault.code === 'internal' || fault.code === 'unavailable') log('message.failed', { cause: fault })
    session.reply(reply)
  }

  return {
    async receive(frame) {
      load(frame.length)
      const refused = await converse(frame, session, engine)
      if (refused) refuse(refused)
      load(-frame.length)
    },
    hold,
    drained: () => outbox.drained(),
    gone() {
      metrics.move('strfry_connections_current', -1)
      for (const subscription of [...session.subscriptions.values()]) subscription.close()
      engine.reconciliations.leave(session)
      leave()
    },
  }
}

function openSession({ socket, remote, challenge, engine, post, log }: ConnectionDeps): {
  session: Session
  outbox: Outbox
  /** Ends it. */
  leave: () => void
} {
  const { metrics } = engine
  const outbox = new Outbox({
    socket,
    post,
    onCut(why) {
      metrics.add('strfry_slow_client_terminations_total')
      log('connection.cut', { remote, why })
    },
  })
  const subscriptions = new Map<string, Subscription>()
  const keys = new Set<string>()
  let isGone = false
  const turns = createTurns(SCANS)

  function say(message: RelayMessage): void {
    metrics.add('nostr_relay_messages_total', message[0])
    if (message[0] === 'AUTH') metrics.add('strfry_auth_challenges_sent_total')
    outbox.send(JSON.stringify(message))
  }

  const session: Session = {
    challenge,
    keys,
    signIn(key) {
      metrics.add('strfry_auth_success_total')
      if (keys.size === 0 && !isGone) metrics.move('strfry_authenticated_connections_current', 1)
      keys.add(key)
    },
    remote,
    reader: rememberReader(keys, engine),
    subscriptions,
    reply(message) {
      if (message[0] === 'CLOSED') subscriptions.get(message[1])?.close()
      if (message[0] === 'NEG-ERR') engine.reconciliations.close(session, message[1])
      if (asksForAuth(message)) say(['AUTH', challenge])
      say(message)
    },
    send: (text) => outbox.send(text),
    deliver(subscription, json) {
      metrics.add('nostr_relay_messages_total', 'EVENT')
      outbox.send(`["EVENT",${JSON.stringify(subscription)},${json}]`)
    },
    inTurn: turns,
    sent: () => outbox.room(),
    cut: (why) => outbox.cut(why),
  }
  function leave(): void {
    isGone = true
    if (keys.size > 0) metrics.move('strfry_authenticated_connections_current', -1)
    outbox.end()
  }
  return { session, outbox, leave }
}

/** Stops reading from a client as long as anybody holds it. */
function createBrake(socket: Socket): () => () => void {
  let holders = 0
  return () => {
    holders += 1
    if (holders === 1) socket.pause()
    return () => {
      holders -= 1
      if (holders === 0) socket.resume()
    }
  }
}

/** Who the client is, asked again only when it has signed in with another key or groups have changed. */
function rememberReader(keys: ReadonlySet<string>, engine: Engine): () => Reader {
  let reader: Reader | undefined
  let [size, version] = [0, 0]
  return () => {
    if (reader && size === keys.size && version === engine.readersVersion()) return reader
    size = keys.size
    version = engine.readersVersion()
    reader = engine.readerFor(keys)
    return reader
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
