import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A directory that is gone when the test ends; its path is short enough for unix sockets. */
export function tempDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'oa-t-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
