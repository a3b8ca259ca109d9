import { Fault, toFault } from '#nips/kit/fault'
import type { Log } from '#nips/kit/log'
import { BadRequest, type ClientMessage, parseClientMessage, type RelayMessage } from '#nips/message'
import { isDeeperThan } from './depth.ts'
import type { Session } from './session.ts'
import type { Subscription } from './subscriptions.ts'
import { verbs } from './verbs/index.ts'
import type { Engine, Verb } from './verbs/verb.ts'

/** What a server offers of one WebSocket. */
export type Socket = {
  /** Sends text; `onSent` is called when it has left for the network or never will. */
  send(text: string, onSent: () => void): void
  /** Bytes that wait to leave. */
  waiting(): number
  /** Ends it without a word, for a client that does not read. */
  destroy(): void
}

/** One client. */
export type Connection = {
  /** Takes one text message; resolves when all it asks for is done. Never rejects. */
  receive(frame: string): Promise<void>
  /** Says that the socket is gone. */
  gone(): void
}

export type ConnectionDeps = { socket: Socket; remote: string; challenge: string; engine: Engine; log: Log }

export function createConnection({ socket, remote, challenge, engine, log }: ConnectionDeps): Connection {
  const outbox = createOutbox(socket, engine.limits.maxPending, (why) => log('connection.cut', { why }))
  const subscriptions = new Map<string, Subscription>()
  const keys = new Set<string>()
  const session: Session = {
    challenge,
    keys,
    remote,
    reader: () => engine.readerFor(keys),
    subscriptions,
    reply(message) {
      if (message[0] === 'CLOSED') subscriptions.get(message[1])?.close()
      if (message[0] === 'NEG-ERR') engine.reconciliations.close(session, message[1])
      if (asksForAuth(message)) outbox.send(JSON.stringify(['AUTH', challenge]))
      outbox.send(JSON.stringify(message))
    },
    deliver: (subscription, json) => outbox.send(`["EVENT",${JSON.stringify(subscription)},${json}]`),
    sent: outbox.sent,
    cut: outbox.cut,
  }
  session.reply(['AUTH', challenge])

  return {
    async receive(frame) {
      const refused = await converse(frame, session, engine)
      if (!refused) return
      if (refused.fault.code === 'internal' || refused.fault.code === 'unavailable')
        log('message.failed', { cause: refused.fault })
      session.reply(refused.reply)
    },
    gone() {
      for (const subscription of [...subscriptions.values()]) subscription.close()
      engine.reconciliations.leave(session)
      outbox.end()
    },
  }
}

type Refused = { fault: Fault; reply: RelayMessage }

/** Frame to message to verb. The door: nothing that is thrown behind it goes further. */
async function converse(frame: string, session: Session, engine: Engine): Promise<Refused | undefined> {
  let refuse = refuseFrame
  try {
    const message = readFrame(frame, engine)
    const verb = verbs[message.verb] as Verb
    refuse = (fault) => verb.refuse(message, fault)
    await verb.run(message, session, engine)
    return undefined
  } catch (thrown) {
    const fault = toFault(thrown)
    return { fault, reply: refuse(fault) }
  }
}

function readFrame(frame: string, { limits }: Engine): ClientMessage {
  if (isDeeperThan(frame, limits.maxDepth)) throw new Fault('invalid', 'bad msg: nested too deeply')
  return parseClientMessage(frame, limits.message)
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

/** What goes to one client: cuts it off when more than `maxPending` bytes wait for it. */
function createOutbox(socket: Socket, maxPending: number, onCut: (why: string) => void) {
  let unsent = 0
  let ended = false
  let waiters: (() => void)[] = []

  function settle(): void {
    if (unsent > 0 && !ended) return
    const ready = waiters
    waiters = []
    for (const resolve of ready) resolve()
  }

  function cut(why: string): void {
    if (ended) return
    ended = true
    onCut(why)
    socket.destroy()
    settle()
  }

  return {
    send(text: string): void {
      if (ended) return
      unsent += 1
      socket.send(text, () => {
        unsent -= 1
        settle()
      })
      if (socket.waiting() > maxPending) cut('the client does not read what it asked for')
    },
    sent: () =>
      new Promise<void>((resolve) => {
        waiters.push(resolve)
        settle()
      }),
    cut,
    end(): void {
      ended = true
      settle()
    },
  }
}
