import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/** Where the payload of one frame lies. */
export type Span = { start: number; end: number }

/** First bytes of whole frames. */
const [TEXT, CLOSE, PING, PONG] = [0x81, 0x88, 0x89, 0x8a] as const
const MASKED = 0x80

/**
 * One text message as a client sends it. The mask key is zero, which RFC 6455 allows and which leaves the payload as it
 * is: the bench shall measure relays and not its own client.
 */
export function frameOf(text: string): Buffer {
  const payload = Buffer.from(text)
  return Buffer.concat([headOf(payload.length), NO_MASK, payload])
}

const NO_MASK = Buffer.alloc(4)

function headOf(length: number): Buffer {
  if (length < 126) return Buffer.from([TEXT, MASKED | length])
  const head = Buffer.alloc(length < 65_536 ? 4 : 10)
  head[0] = TEXT
  head[1] = MASKED | (head.length === 4 ? 126 : 127)
  head.writeUIntBE(length, head.length === 4 ? 2 : 4, head.length === 4 ? 2 : 6)
  return head
}

/** The payload of the frame at `at`, or nothing while a part of it is missing. */
function spanAt(bytes: Buffer, at: number): Span | undefined {
  if (bytes.length < at + 2) return undefined
  const second = bytes[at + 1] as number
  const short = second & 0x7f
  const head = (short < 126 ? 2 : short === 126 ? 4 : 10) + (second & MASKED ? 4 : 0)
  if (bytes.length < at + head) return undefined
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUIntBE(at + 4, 6)
  const start = at + head
  return bytes.length < start + length ? undefined : { start, end: start + length }
}

export function framesIn(bytes: Buffer): Span[] {
  const spans: Span[] = []
  for (let span = spanAt(bytes, 0); span; span = spanAt(bytes, span.end)) spans.push(span)
  return spans
}

/** What a relay says, told apart by its third and fourth byte. */
type Verb = 'EVENT' | 'EOSE' | 'OK' | 'CLOSED' | 'other'

const verbs: Record<string, Verb> = { EV: 'EVENT', EO: 'EOSE', OK: 'OK', CL: 'CLOSED' }
const codes = new Map(Object.entries(verbs).map(([text, verb]) => [Buffer.from(text).readUInt16BE(), verb]))

/** Takes one message: its JSON text lies in `bytes` from `start` to `end`, until the call returns. */
type Listener = (verb: Verb, bytes: Buffer, span: Span) => void

/** One connection, as bare as it can be. */
export type Wire = {
  /** Whole frames. */
  send(frames: Buffer): void
  listen(listener: Listener): void
  close(): void
}

export async function openWire(url: string): Promise<Wire> {
  const { hostname, port, pathname } = new URL(url)
  const socket = connect(Number(port || 80), hostname)
  socket.setNoDelay(true)
  const rest = await shakeHands(socket, [`GET ${pathname} HTTP/1.1`, `Host: ${hostname}:${port}`])
  let listener: Listener = () => undefined
  let over: Error | undefined
  const take = createReader(socket, (verb, bytes, span) => listener(verb, bytes, span))
  socket.on('data', take)
  socket.on('error', (error) => {
    over = error
  })
  if (rest.length > 0) take(rest)
  return {
    send(frames) {
      if (over) throw over
      if (socket.readyState !== 'open') throw new Error(`${url} has closed the connection`)
      socket.write(frames)
    },
    listen(next) {
      listener = next
    },
    close: () => socket.destroy(),
  }
}

/** Sends the upgrade request; gives what came behind the answer's head. */
function shakeHands(socket: Socket, head: readonly string[]): Promise<Buffer> {
  const key = randomBytes(16).toString('base64')
  const rest = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13']
  socket.write(`${[...head, ...rest].join('\r\n')}\r\n\r\n`)
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0)
    socket.once('error', reject)
    socket.on('data', function answer(chunk: Buffer) {
      seen = Buffer.concat([seen, chunk])
      const end = seen.indexOf('\r\n\r\n')
      if (end < 0) return
      socket.off('data', answer)
      socket.off('error', reject)
      const [status = ''] = seen.toString('latin1').split('\r\n')
      if (status.includes(' 101 ')) resolve(seen.subarray(end + 4))
      else reject(new Error(`no WebSocket: ${status}`))
    })
  })
}

/** Takes the stream apart; a message in several frames is none of a relay's habits and an error here. */
function createReader(socket: Socket, onMessage: Listener): (chunk: Buffer) => void {
  let bytes: Buffer = Buffer.alloc(0)
  const onFrame = (at: number, span: Span): void => {
    const first = bytes[at]
    if (first === TEXT) onMessage(codes.get(bytes.readUInt16BE(span.start + 2)) ?? 'other', bytes, span)
    else if (first === PING) socket.write(Buffer.concat([Buffer.from([PONG, MASKED]), NO_MASK]))
    else if (first !== PONG && first !== CLOSE) throw new Error(`a frame that begins with ${first}`)
  }
  return (chunk) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    let at = 0
    for (let span = spanAt(bytes, at); span; span = spanAt(bytes, at)) {
      onFrame(at, span)
      at = span.end
    }
    bytes = at === bytes.length ? bytes.subarray(0, 0) : bytes.subarray(at)
  }
}
