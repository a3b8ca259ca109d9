import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Fault } from '#nips/kit/fault'

const run = promisify(execFile)

/** What starts a program: the runtime, and what it is told before the script. */
export type Runtime = {
  readonly name: 'bun' | 'node'
  readonly command: string
  readonly args: readonly string[]
  readonly fallback?: string
}

export type RuntimeDeps = {
  root: string
  node: string
  /** Whether this program answers when it is asked for its version. */
  answers?: (command: string) => Promise<boolean>
}

/**
 * What the relay runs on. Bun is chosen where it works: its server writes three times the messages per second of CPU
 * and needs half the memory. Throws `invalid` when Bun is wanted and does not run here.
 */
export async function relayRuntime(
  wanted: 'auto' | 'bun' | 'node',
  { root, node, answers = tellsVersion }: RuntimeDeps,
): Promise<Runtime> {
  const bun = join(root, 'node_modules/.bin/bun')
  if (wanted !== 'node' && (await answers(bun)))
    // Settings come from the supervisor alone, as they do with Node.
    return { name: 'bun', command: bun, args: ['--no-env-file'], ...(wanted === 'auto' ? { fallback: node } : {}) }
  if (wanted === 'bun')
    throw new Fault('invalid', 'RELAY_RUNTIME is bun, and Bun does not run here; set it to auto or node')
  return { name: 'node', command: node, args: [] }
}

const tellsVersion = (command: string): Promise<boolean> =>
  run(command, ['--version']).then(
    () => true,
    () => false,
  )
