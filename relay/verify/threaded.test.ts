import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import { generateSecretKey, signEvent } from '#nips/keys'
import type { Log } from '#nips/kit/log'
import { silentLog } from '#nips/kit/log'
import { openFastest } from './paths.ts'
import { startWorker } from './thread-host.ts'
import { threadedVerifier } from './threaded.ts'
import type { Claim, Verifier } from './verifier.ts'

const path = await openFastest(silentLog)
const key = generateSecretKey()
const signed = Array.from({ length: 100 }, (_, at) =>
  signEvent({ kind: 1, created_at: at, tags: [], content: '' }, key),
)
/** A thousand claims; every seventh does not hold. */
const claims = Array.from({ length: 1000 }, (_, at): Claim => {
  const claim = signed[at % signed.length] as Claim
  return at % 7 === 0 ? { ...claim, id: '0'.repeat(64) } : claim
})
const right = claims.map((_, at) => at % 7 !== 0)

let verifier: Verifier | undefined
let lost: unknown[] = []
afterEach(async () => {
  await verifier?.close()
  lost = []
})
const log: Log = (event, fields) => void lost.push([event, fields?.unfinished])

/** A verifier whose threads the test holds. */
function open(start: (slabs: readonly SharedArrayBuffer[]) => Worker, threads = 1): Worker[] {
  const workers: Worker[] = []
  verifier = threadedVerifier({
    path,
    threads,
    log,
    start: (slabs) => {
      const worker = start(slabs)
      workers.push(worker)
      return worker
    },
  })
  return workers
}

const works = startWorker(path.name)
/** Ends itself between two claims: ended from outside while libsecp256k1 throws, it would take the process with it. */
const endsAfterOneTask = (slabs: readonly SharedArrayBuffer[]): Worker =>
  new Worker(
    `const { parentPort } = require('node:worker_threads')
    let tasks = 0
    parentPort.on('message', () => { tasks += 1; if (tasks > 1) process.exit(3) })
    import(${JSON.stringify(new URL('./thread.ts', import.meta.url).href)})`,
    { eval: true, workerData: { path: path.name, slabs } },
  )
const endsAtOnce = (): Worker => new Worker('process.exit(3)', { eval: true })
const throwsAtWork = (): Worker =>
  new Worker("require('node:worker_threads').parentPort.on('message', () => { throw new Error('no') })", { eval: true })
const saysNothing = (): Worker =>
  new Worker("require('node:worker_threads').parentPort.on('message', () => {})", { eval: true })

describe('a thread that ends', { timeout: 30_000 }, () => {
  test.each([1, 2])('of %i, in the middle of its work, is replaced', async (threads) => {
    let started = 0
    const workers = open((slabs) => (started++ === 0 ? endsAfterOneTask(slabs) : works(slabs)), threads)
    expect(await verifier?.verify(claims)).toEqual(right)
    expect(workers).toHaveLength(threads + 1)
    expect(lost).toEqual([['verify.thread-lost', expect.any(Number)]])
    expect(await verifier?.verify(claims)).toEqual(right)
  })

  test.each([1, 2])('of %i, with all it was given, leaves that to be checked again', async (threads) => {
    let started = 0
    const workers = open((slabs) => (started++ === 0 ? saysNothing() : works(slabs)), threads)
    const answers = verifier?.verify(claims)
    await workers[0]?.terminate()
    expect(await answers).toEqual(right)
    expect(lost).toEqual([['verify.thread-lost', 2]])
  })

  test('while nothing is asked is replaced too', async () => {
    const workers = open(works)
    await verifier?.verify(claims)
    await workers[0]?.terminate()
    expect(lost).toEqual([['verify.thread-lost', 0]])
    expect(await verifier?.verify(claims)).toEqual(right)
    expect(workers).toHaveLength(2)
  })

  test.each([
    { says: 'ends as it starts', start: endsAtOnce },
    { says: 'throws at its first task', start: throwsAtWork },
  ])('since it $says is replaced only so often; then the caller’s thread does it all', async ({ start }) => {
    const workers = open(start)
    expect(await verifier?.verify(claims)).toEqual(right)
    expect(workers).toHaveLength(5)
    expect(await verifier?.verify(claims)).toEqual(right)
  })
})

test('what threads have not answered when they are closed, the caller’s thread answers', async () => {
  open(saysNothing, 2)
  const answers = verifier?.verify(claims)
  await verifier?.close()
  expect(await answers).toEqual(right)
})

test('a claim has no verdict before a thread gave it one', async () => {
  const lies = `const { parentPort } = require('node:worker_threads')
    parentPort.on('message', ({ lane }) => parentPort.postMessage(lane))`
  open(() => new Worker(lies, { eval: true }))
  expect(await verifier?.verify(claims.slice(0, 100))).toEqual(Array.from({ length: 100 }, () => false))
})
