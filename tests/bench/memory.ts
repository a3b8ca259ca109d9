import { execFileSync } from 'node:child_process'
import type { System } from '../support/system.ts'
import { type Figure, megabytes } from './figures.ts'

const names: [pattern: RegExp, name: string][] = [
  [/relay\/main\.ts/, 'relay'],
  [/gateway-broker\/main\.ts/, 'broker'],
  [/dvm-workers\/main\.ts/, 'worker'],
  [/cell\.ts$/, 'cell (doors of one sandbox)'],
  [/^bwrap|\/bwrap/, 'sandbox'],
  [/openclaw/, 'OpenClaw gateway with its children'],
]

/** Resident memory of every part while one gateway idles after a few turns. */
export function memoryFigures(system: System): Figure[] {
  const sums = new Map<string, number>()
  for (const pid of system.pids()) {
    const row = execFileSync('ps', ['-o', 'rss=,args=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    const [, kilobytes = '0', args = ''] = /^(\d+)\s+(.*)$/.exec(row) ?? []
    const name = names.find(([pattern]) => pattern.test(args))?.[1] ?? 'OpenClaw gateway with its children'
    sums.set(name, (sums.get(name) ?? 0) + Number(kilobytes) * 1024)
  }
  return [...sums].map(([name, bytes]) => ({ name, value: megabytes(bytes) }))
}
