import { config } from 'zod'
import { systemClock } from '#nips/kit/clock'
import { toFault } from '#nips/kit/fault'
import type { FromWorker, SignerAnswer, SignerCall, ToWorker } from '../model.ts'
import { Accounts } from './account.ts'
import { commandTable } from './commands.ts'
import { type Database, memoryDatabase, openDatabase } from './database.ts'
import { errorOf } from './errors.ts'
import { browserLocks } from './locks.ts'
import { Office } from './office.ts'
import { Outlet } from './outlet.ts'
import { SignerCalls } from './signer-calls.ts'

// The page's policy forbids making code from text, which zod would try first.
config({ jitless: true })

type Port = { postMessage(message: FromWorker): void; onmessage: ((event: MessageEvent<ToWorker>) => void) | null }
const port = globalThis as unknown as Port
const post = (message: FromWorker): void => port.postMessage(message)

const clock = systemClock()
const outlet = new Outlet(post, clock)
const calls = new SignerCalls(post)
const channel = new BroadcastChannel('openagents')

const opening = open()

async function open(): Promise<(message: Extract<ToWorker, { type: 'command' }>) => Promise<unknown>> {
  const db: Database = await openDatabase('openagents', indexedDB).catch(() => {
    outlet.notice('This browser keeps nothing for this page: your key lasts until you close it.')
    return memoryDatabase()
  })
  const accounts = new Accounts(db, (call: SignerCall): Promise<SignerAnswer> => calls.ask(call))
  const office = new Office({
    db,
    clock,
    outlet,
    accounts,
    locks: browserLocks,
    dial: (url) => new WebSocket(url),
    random: Math.random,
    newId,
    fetch: (input, init) => fetch(input, init),
    tell: (what) => channel.postMessage(what),
  })
  channel.onmessage = ({ data }) => void office.heard(data)
  globalThis.addEventListener('online', () => office.retryNow())
  const commands = commandTable({
    db,
    clock,
    accounts,
    locks: browserLocks,
    office,
    tellAccount: () => channel.postMessage('account'),
  })
  void office.open()
  return async ({ name, args }) => (commands[name] as (given: unknown) => unknown)(args)
}

port.onmessage = async ({ data }) => {
  if (data.type !== 'command') return calls.answered(data)
  try {
    const run = await opening
    post({ type: 'done', id: data.id, value: await run(data) })
  } catch (thrown) {
    post({ type: 'failed', id: data.id, error: errorOf(toFault(thrown)) })
  }
}

/** 128 random bits as text; `crypto.randomUUID` is missing on insecure addresses. */
function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
