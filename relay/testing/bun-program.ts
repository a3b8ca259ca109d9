import { createInterface } from 'node:readline'
import { serveRelay } from './served.ts'

/** What `serveInBun` runs: a relay whose clock is moved by lines on standard input. */
const relay = await serveRelay({ env: process.env as Record<string, string>, verify: () => true })

type Order = { advance?: number; stop?: true }

for await (const line of createInterface({ input: process.stdin })) {
  const { advance, stop } = JSON.parse(line) as Order
  if (advance !== undefined) await relay.advance(advance)
  if (stop) await relay.stop()
  process.stdout.write(`${JSON.stringify({ port: Number(new URL(relay.http).port) })}\n`)
}
