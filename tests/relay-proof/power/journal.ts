/** What the shim saw, in order (power/shim.c). */
export type Step =
  | { readonly does: 'open'; readonly file: number; readonly path: string; readonly truncates: boolean }
  | { readonly does: 'write'; readonly file: number; readonly offset: number; readonly data: Buffer }
  | { readonly does: 'truncate'; readonly file: number; readonly size: number }
  | { readonly does: 'sync begun' | 'sync done'; readonly file: number }
  | { readonly does: 'unlink'; readonly path: string }
  | { readonly does: 'rename'; readonly from: string; readonly to: string }
  | { readonly does: 'said'; readonly socket: number; readonly data: Buffer }
  /** The files as they are after a kill, which may come between a write and the note of it. */
  | { readonly does: 'found'; readonly files: ReadonlyMap<string, Buffer> }

type Raw = { file: number; offset: number; data: Buffer }

const HEADER = 24
const operations: Record<number, (raw: Raw) => Step> = {
  1: ({ file, offset, data }) => ({ does: 'open', file, path: data.toString(), truncates: offset === 1 }),
  2: ({ file, offset, data }) => ({ does: 'write', file, offset, data }),
  3: ({ file, offset }) => ({ does: 'truncate', file, size: offset }),
  4: ({ file }) => ({ does: 'sync begun', file }),
  5: ({ file }) => ({ does: 'sync done', file }),
  6: ({ data }) => ({ does: 'unlink', path: data.toString() }),
  7: ({ data }) => {
    const [from = '', to = ''] = data.toString().split('\0')
    return { does: 'rename', from, to }
  },
  8: ({ file, data }) => ({ does: 'said', socket: file, data }),
}

/** A kill may have left half a record at the end. */
export function readJournal(journal: Buffer): Step[] {
  const steps: Step[] = []
  for (let at = 0; at + HEADER <= journal.length; ) {
    const length = Number(journal.readBigUInt64LE(at + 16))
    if (at + HEADER + length > journal.length) break
    const step = operations[journal.readUInt32LE(at)]?.({
      file: journal.readUInt32LE(at + 4),
      offset: Number(journal.readBigUInt64LE(at + 8)),
      data: journal.subarray(at + HEADER, at + HEADER + length),
    })
    if (!step) throw new Error(`byte ${at} of the journal begins no record`)
    steps.push(step)
    at += HEADER + length
  }
  return steps
}
