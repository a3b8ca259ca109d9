import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '#nips/kit/fault'

/** Two trees on one data directory would fight over it. Returns how to let go; throws `conflict` while another holds it. */
export function holdDirectory(data: string, pid: number): () => void {
  const path = join(data, 'openagents.pid')
  const holder = Number(readIfThere(path))
  if (holder > 0 && holder !== pid && isAlive(holder))
    throw new Fault(
      'conflict',
      `OpenAgents runs already with this data directory (process ${holder}); stop it, or set DATA_DIR`,
    )
  writeFileSync(path, String(pid))
  return () => rmSync(path, { force: true })
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}
