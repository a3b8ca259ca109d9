import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** `bare-main.ts` in a process of its own. */
export function startBare(
  { file, generation, seed }: { file: string; generation: number; seed: number },
  env: Record<string, string>,
  /** Told each thing it says. */
  told: (verb: string, subject: unknown) => void,
) {
  const program = fileURLToPath(new URL('bare-main.ts', import.meta.url))
  const child = spawn(process.execPath, [program, file, String(generation), String(seed)], {
    env,
    stdio: ['pipe', 'inherit', 'inherit', 'pipe'],
  })
  createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
    const [verb, subject] = parseLine(line)
    if (verb !== undefined) told(verb, subject)
  })
  return child
}

/** The last line may have been cut off. */
function parseLine(line: string): [verb?: string, subject?: unknown] {
  try {
    return JSON.parse(line) as [string, unknown]
  } catch {
    return []
  }
}
