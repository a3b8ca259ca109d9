import { fileURLToPath } from 'node:url'
import { Fault } from '#nips/kit/fault'
import { bwrapDriver } from './bwrap.ts'
import { type Driver, type Guarantee, guarantees, type Probe } from './driver.ts'
import { processDriver } from './process.ts'

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Every driver, strongest first. `node` is the binary that gateways run on, `path` where tools are looked for. */
export const drivers = ({ node, path }: { node: string; path: string }): readonly Driver[] => {
  const paths = { node, path, cell: file('./cell.ts'), probe: file('./probe-inside.ts') }
  return [bwrapDriver(paths), processDriver(paths)]
}

export const driverNames = ['auto', 'bwrap', 'process'] as const

export type ChosenDriver = { driver: Driver; keeps: ReadonlySet<Guarantee>; tried: { name: string; probe: Probe }[] }

/** The strongest driver that works here, or the one that was asked for; `unavailable` says why none does. */
export async function chooseDriver(
  all: readonly Driver[],
  wanted: (typeof driverNames)[number],
): Promise<ChosenDriver> {
  const tried: { name: string; probe: Probe }[] = []
  for (const driver of all) {
    if (wanted !== 'auto' && driver.name !== wanted) continue
    const probe = await driver.probe()
    tried.push({ name: driver.name, probe })
    if (probe.works) return { driver, keeps: probe.keeps, tried }
  }
  const why = tried.map(({ name, probe }) => `${name}: ${probe.works ? 'works' : probe.reason}`).join('; ')
  throw new Fault('unavailable', `no sandbox driver works here (${why})`)
}

/** What a gateway is kept from, and what it is not, in words. */
export const describeGuarantees = (keeps: ReadonlySet<Guarantee>): { guarantees: string[]; gaps: string[] } => {
  const names = Object.keys(guarantees) as Guarantee[]
  return {
    guarantees: names.filter((name) => keeps.has(name)).map((name) => guarantees[name].kept),
    gaps: [
      ...names.filter((name) => !keeps.has(name)).map((name) => guarantees[name].broken),
      'memory and CPU time are not limited',
    ],
  }
}
