import { existsSync, lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Confinement, startCell } from './confinement.ts'
import type { CellSpec, Driver, DriverPaths } from './driver.ts'
import { probeConfinement } from './probe.ts'

const inside = {
  home: '/home/openclaw',
  sockets: '/run/openagents',
  runtime: '/opt/openclaw',
  node: '/opt/node/bin/node',
}
const CELL = '/opt/openagents/cell.ts'
const PROBE = '/opt/openagents/probe-inside.ts'

/** Files of /etc that programs need to look up names and certificates; nothing secret is among them. */
const etc = ['/etc/ssl', '/etc/ca-certificates', '/etc/alternatives', '/etc/ld.so.cache', '/etc/localtime']

/**
 * Bubblewrap: new namespaces for mounts, processes, network, IPC, host name and user. The gateway sees a read-only
 * system, its own directory, and no network but its own loopback.
 */
export function bwrapDriver(paths: DriverPaths): Driver {
  const confinement: Confinement = {
    inside: () => inside,
    wrap: (spec, argv) => ({ command: 'bwrap', args: [...confine(spec, paths), '--', ...argv] }),
    path: paths.path,
  }
  return {
    name: 'bwrap',
    probe: () => probeConfinement(confinement, PROBE),
    start: (spec) => startCell(confinement, spec, CELL),
  }
}

function confine(spec: CellSpec, paths: DriverPaths): string[] {
  return [
    [
      '--unshare-all',
      '--die-with-parent',
      '--new-session',
      '--hostname',
      'openclaw',
      '--clearenv',
      '--cap-drop',
      'ALL',
    ],
    [
      '--uid',
      '1000',
      '--gid',
      '1000',
      '--setenv',
      'PATH',
      '/opt/node/bin:/usr/bin:/bin',
      '--setenv',
      'HOME',
      inside.home,
    ],
    system(),
    ['--dev', '/dev', '--proc', '/proc', '--dir', '/run', '--dir', '/home'],
    ['--ro-bind', paths.node, inside.node, '--ro-bind', paths.cell, CELL, '--ro-bind', paths.probe, PROBE],
    [
      '--ro-bind',
      spec.runtime,
      inside.runtime,
      '--bind',
      spec.home,
      inside.home,
      '--bind',
      spec.sockets,
      inside.sockets,
    ],
    ['--bind', join(spec.home, 'tmp'), '/tmp', '--ro-bind-try', join(spec.home, 'passwd'), '/etc/passwd'],
    ['--chdir', inside.home],
  ].flat()
}

/** The system read only: /usr, and what stands beside it, as a link where this machine has a link. */
function system(): string[] {
  const beside = ['/bin', '/sbin', '/lib', '/lib32', '/lib64'].filter((path) => existsSync(path))
  const mounts = beside.flatMap((path) =>
    lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path],
  )
  return ['--ro-bind', '/usr', '/usr', ...mounts, ...etc.flatMap((path) => ['--ro-bind-try', path, path])]
}
