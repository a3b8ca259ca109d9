import { createHash, hash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { Point } from '@noble/secp256k1'
import { type Random, random } from '../../support/random.ts'
import { frameOf, framesIn } from './wire.ts'

/** Events are made, signed and kept on disk a block at a time: event n is always the same. */
export const BLOCK = 10_000
const AUTHORS = 1000
/** Seconds, October 2025: no relay refuses it as too old or too new. Event n is n seconds younger. */
export const START = 1_760_000_000

/** A hundred kinds: what every relay takes from anybody, in the proportions of a relay that carries jobs. */
const mix: readonly number[] = [
  ...Array.from({ length: 50 }, () => 1),
  ...Array.from({ length: 15 }, () => 5050),
  ...Array.from({ length: 12 }, () => 6050),
  ...Array.from({ length: 12 }, () => 1111),
  ...Array.from({ length: 8 }, () => 30_023),
  ...Array.from({ length: 3 }, () => 0),
]

type Key = { secret: bigint; pubkey: string }
type Fields = { kind: number; created_at: number; tags: string[][]; content: string }

const N = Point.CURVE().n
const integer = (text: string): bigint => BigInt(`0x${hash('sha256', text)}`) % N
const hex = (value: bigint): string => value.toString(16).padStart(64, '0')
const challengeTag = hash('sha256', 'BIP0340/challenge', 'buffer')

/** The point with an even y, and the scalar that leads to it. */
function evenPoint(scalar: bigint): { scalar: bigint; x: string } {
  const { x, y } = Point.BASE.multiply(scalar, false).toAffine()
  return { scalar: y % 2n === 0n ? scalar : N - scalar, x: hex(x) }
}

function keyOf(name: string): Key {
  const { scalar, x } = evenPoint(integer(`bench key ${name}`))
  return { secret: scalar, pubkey: x }
}

const known = new Map<number, Key>()
/** The key of author number n: everybody can compute it, so it is good for nothing else. */
function author(number: number): Key {
  const key = known.get(number) ?? keyOf(String(number))
  known.set(number, key)
  return key
}
export const pubkeyOf = (number: number): string => author(number).pubkey

/** BIP-340 with a nonce that follows from the message: quick, repeatable, and for keys without any worth. */
export function sign(fields: Fields, by: number): string {
  const { secret, pubkey } = author(by)
  const { kind, created_at, tags, content } = fields
  const id = hash('sha256', JSON.stringify([0, pubkey, created_at, kind, tags, content]))
  const nonce = evenPoint(integer(`bench nonce ${id}`))
  const challenge = createHash('sha256').update(challengeTag).update(challengeTag)
  const e = BigInt(`0x${challenge.update(nonce.x + pubkey + id, 'hex').digest('hex')}`) % N
  const sig = nonce.x + hex((nonce.scalar + e * secret) % N)
  return JSON.stringify({ id, pubkey, created_at, kind, tags, content, sig })
}

/** What one event of the mix says; `earlier` are the events it can answer. */
function compose(index: number, earlier: readonly Sketch[], chance: Random): Fields {
  const kind = chance.pick(mix)
  const tags: string[][] = []
  const answered = earlier.length > 0 && kind !== 0 && chance.below(3) > 0 ? chance.pick(earlier) : undefined
  if (kind === 30_023) tags.push(['d', `page ${index}`])
  if (kind === 5050) tags.push(['i', `what is ${index}`, 'text'])
  if (answered) tags.push(['e', answered.id], ['k', String(answered.kind)])
  if (kind !== 0) tags.push(['p', pubkeyOf(chance.below(AUTHORS))])
  const words = Array.from({ length: 4 + chance.below(50) }, () => chance.below(0xffffffff).toString(36))
  return { kind, created_at: START + index, tags, content: words.join(' ') }
}

type Sketch = { id: string; kind: number }

function composeBlock(block: number): Buffer {
  const chance = random(block + 1)
  const earlier: Sketch[] = []
  const frames: Buffer[] = []
  for (let index = block * BLOCK; index < (block + 1) * BLOCK; index += 1) {
    const fields = compose(index, earlier, chance)
    const json = sign(fields, chance.below(AUTHORS))
    earlier.push({ id: json.slice(7, 71), kind: fields.kind })
    frames.push(frameOf(`["EVENT",${json}]`))
  }
  return Buffer.concat(frames)
}

const directory = join(tmpdir(), `openagents-bench-events-${BLOCK}-${START}`)
const fileOf = (block: number): string => join(directory, `${block}.frames`)

function writeBlock(block: number): void {
  const unfinished = `${fileOf(block)}.${process.pid}.part`
  writeFileSync(unfinished, composeBlock(block))
  renameSync(unfinished, fileOf(block))
}

/** Makes what is missing of the blocks from 0 on; later runs find them. */
export async function prepareBlocks(count: number): Promise<void> {
  mkdirSync(directory, { recursive: true })
  const missing = Array.from({ length: count }, (_, block) => block).filter((block) => !existsSync(fileOf(block)))
  const threads = Math.min(availableParallelism(), missing.length)
  await Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const mine = missing.filter((_block, place) => place % threads === thread)
      const worker = new Worker(new URL(import.meta.url), { workerData: { blocks: mine } })
      return new Promise<void>((resolve, reject) => {
        worker.once('error', reject)
        worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`signing ended with ${code}`))))
      })
    }),
  )
}

/** Events ready to be sent: each a whole WebSocket frame around `["EVENT",{"id":…`. */
export type Frames = { readonly bytes: Buffer; readonly ends: readonly number[] }

/** The events of some blocks in a row. */
export function readBlocks(first: number, count: number): Frames {
  const bytes = Buffer.concat(Array.from({ length: count }, (_, place) => readFileSync(fileOf(first + place))))
  return { bytes, ends: framesIn(bytes).map(({ end }) => end) }
}

/** Some of the stored events as objects, evenly spread over the blocks. */
export function sample(blocks: number, count: number): { id: string; pubkey: string; tags: string[][] }[] {
  const each = Math.ceil(count / blocks)
  return Array.from({ length: blocks }, (_, block) => block).flatMap((block) => {
    const bytes = readFileSync(fileOf(block))
    const frames = framesIn(bytes)
    return Array.from({ length: each }, (_, place) => {
      const { start, end } = frames[Math.floor(((place + 0.5) * frames.length) / each)] ?? { start: 0, end: 0 }
      return JSON.parse(bytes.toString('utf8', start, end))[1]
    })
  })
}

if (!isMainThread && Array.isArray(workerData?.blocks)) for (const block of workerData.blocks) writeBlock(block)
