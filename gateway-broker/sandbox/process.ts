import { type Confinement, startCell } from './confinement.ts'
import type { Driver, DriverPaths } from './driver.ts'
import { probeConfinement } from './probe.ts'

/** A plain child process with its own directories: it works everywhere and keeps nothing apart. */
export function processDriver(paths: DriverPaths): Driver {
  const confinement: Confinement = {
    inside: ({ home, sockets, runtime }) => ({ home, sockets, runtime, node: paths.node }),
    wrap: (_spec, [command = '', ...args]) => ({ command, args }),
    path: paths.path,
  }
  return {
    name: 'process',
    probe: () => probeConfinement(confinement, paths.probe),
    start: (spec) => startCell(confinement, spec, paths.cell),
  }
}
