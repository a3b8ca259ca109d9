import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'
import type { Relay } from '../relay.ts'

export type ServeDeps = {
  relay: Relay
  host: string
  /** 0 for any. */
  port: number
  clock: Clock
  log: Log
  /** The header in which a proxy names the client's address; empty: there is no proxy. */
  realIpHeader: string
}

export type Served = {
  readonly host: string
  readonly port: number
  /** Takes no new clients, says goodbye to the others and resolves when they are gone, within two seconds at most. */
  close(): Promise<void>
}

/** The runtime this process runs in; each has a server of its own that is the quickest there. */
export const runtime: 'bun' | 'node' = 'bun' in process.versions ? 'bun' : 'node'

/** Listens. The errors (a port that is taken) are Node's own, in both runtimes. */
export async function serve(deps: ServeDeps): Promise<Served> {
  if (runtime === 'bun') return (await import('./bun.ts')).serveBun(deps)
  return (await import('./node.ts')).serveNode(deps)
}
