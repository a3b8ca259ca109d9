import type { ServeDeps, Served } from './server.ts'

/** The runtime this process runs in; each has a server of its own that is the quickest there. */
export const runtime: 'bun' | 'node' = 'bun' in process.versions ? 'bun' : 'node'

/** Listens. The errors (a port that is taken) are Node's own, in both runtimes. */
export async function serve(deps: ServeDeps): Promise<Served> {
  if (runtime === 'bun') return (await import('./bun.ts')).serveBun(deps)
  return (await import('./node.ts')).serveNode(deps)
}
