import { dirname } from 'node:path'
import type { Random } from '#relay/testing/random'
import type { Step } from './journal.ts'

/** What becomes of what was not synced when the power goes. */
export type Fate = 'dropped' | 'kept' | 'torn'

/** Bytes that a disk writes whole or not at all. */
const SECTOR = 512

type Change = { readonly offset: number; readonly data: Buffer } | { readonly size: number }
/** What is surely on the disk, what came after it, and how much of that each sync that has begun will settle. */
type File = { durable: Buffer; pending: Change[]; begun: Map<number, number> }
type Entry = { readonly path: string; readonly file: File | undefined }

/** A disk that follows a journal and can be looked at as it would be after a power cut. */
export type Disk = {
  follow(step: Step): void
  /** The files as they are found afterwards. */
  cut(fate: Fate, random: Random): Map<string, Buffer>
}

/** `root`: the one folder whose files are followed. */
export function createDisk(root: string): Disk {
  /** What the running system sees, and what is surely in the directory. */
  const names = new Map<string, File>()
  const durableNames = new Map<string, File>()
  let pendingNames: Entry[] = []
  const files = new Map<number, File>()
  const folders = new Map<number, string>()

  function point(path: string, file: File | undefined): void {
    if (file) names.set(path, file)
    else names.delete(path)
    pendingNames.push({ path, file })
  }

  const steps: { [Does in Step['does']]: (step: Extract<Step, { does: Does }>) => void } = {
    open({ file, path, truncates }) {
      folders.set(file, path)
      if (path === root) return
      const known: File = names.get(path) ?? { durable: Buffer.alloc(0), pending: [], begun: new Map() }
      if (truncates) known.pending.push({ size: 0 })
      if (!names.has(path)) point(path, known)
      files.set(file, known)
    },
    write: ({ file, offset, data }) => void files.get(file)?.pending.push({ offset, data }),
    truncate: ({ file, size }) => void files.get(file)?.pending.push({ size }),
    'sync begun': ({ file }) => void files.get(file)?.begun.set(file, files.get(file)?.pending.length ?? 0),
    'sync done'({ file }) {
      const synced = files.get(file)
      if (synced) settle(synced, file)
      const folder = folders.get(file)
      const isIn = ({ path }: Entry) => dirname(path) === folder
      for (const { path, file: named } of pendingNames.filter(isIn)) apply(durableNames, path, named)
      pendingNames = pendingNames.filter((entry) => !isIn(entry))
    },
    unlink: ({ path }) => point(path, undefined),
    rename({ from, to }) {
      point(to, names.get(from))
      point(from, undefined)
    },
    said: () => undefined,
    found({ files: real }) {
      for (const [path, file] of names) {
        const [seen, content] = [changed(file.durable, file.pending), real.get(path)]
        if (content) file.pending.push(...differences(seen, content))
      }
    },
  }

  return {
    follow: (step) => (steps[step.does] as (step: Step) => void)(step),
    cut(fate, random) {
      const found = new Map(durableNames)
      const most = { dropped: 0, kept: pendingNames.length, torn: random.whole(pendingNames.length + 1) }[fate]
      for (const { path, file } of pendingNames.slice(0, most)) apply(found, path, file)
      return new Map([...found].map(([path, file]) => [path, contentOf(file, fate, random)]))
    },
  }
}

function apply(names: Map<string, File>, path: string, file: File | undefined): void {
  if (file) names.set(path, file)
  else names.delete(path)
}

/** A sync makes durable what was written before it began. */
function settle(file: File, by: number): void {
  const count = file.begun.get(by) ?? 0
  file.begun.delete(by)
  file.durable = changed(file.durable, file.pending.slice(0, count))
  file.pending = file.pending.slice(count)
  for (const [other, left] of file.begun) file.begun.set(other, Math.max(0, left - count))
}

function contentOf({ durable, pending }: File, fate: Fate, random: Random): Buffer {
  if (fate === 'dropped') return durable
  if (fate === 'kept') return changed(durable, pending)
  return changed(
    durable,
    pending.flatMap((change) => torn(change, random)),
  )
}

/** Each change reaches the disk or not; of a write each sector for itself. */
function torn(change: Change, random: Random): Change[] {
  if ('size' in change || random.chance(0.3)) return random.chance(0.5) ? [change] : []
  const sectors: Change[] = []
  for (let at = 0; at < change.data.length; ) {
    const end = Math.min(change.data.length, at + SECTOR - ((change.offset + at) % SECTOR))
    if (random.chance(0.5)) sectors.push({ offset: change.offset + at, data: change.data.subarray(at, end) })
    at = end
  }
  return sectors
}

/** What makes one content of the other, sector by sector. */
function differences(before: Buffer, after: Buffer): Change[] {
  const changes: Change[] = before.length > after.length ? [{ size: after.length }] : []
  for (let at = 0; at < after.length; at += SECTOR) {
    const data = after.subarray(at, at + SECTOR)
    if (!data.equals(before.subarray(at, at + data.length))) changes.push({ offset: at, data })
  }
  return changes
}

function changed(content: Buffer, changes: readonly Change[]): Buffer {
  const size = changes.reduce(
    (most, change) => Math.max(most, 'size' in change ? change.size : change.offset + change.data.length),
    content.length,
  )
  const whole = Buffer.alloc(size)
  content.copy(whole)
  let length = content.length
  for (const change of changes) {
    if ('size' in change) {
      if (change.size < length) whole.fill(0, change.size, length)
      length = change.size
    } else {
      change.data.copy(whole, change.offset)
      length = Math.max(length, change.offset + change.data.length)
    }
  }
  return whole.subarray(0, length)
}
