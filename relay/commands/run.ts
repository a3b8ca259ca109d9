import { toFault } from '#nips/kit/fault'
import { explainSystemError, type Named } from '#nips/kit/program'
import type { Plugin } from '../plugin/plugin.ts'
import type { Store } from '../store/store.ts'
import type { Verifier } from '../verify/verifier.ts'
import { type Command, type Context, readGiven } from './command.ts'

/** What a program offers to its commands; `open…` and `startPlugin` are called when a command asks. */
export type Host = Omit<Context, 'store' | 'verifier' | 'plugin'> & {
  openStore(): Store
  openVerifier(): Promise<Verifier>
  startPlugin(command: () => string): Plugin
  /** The settings a sentence about a failure may name. */
  named: Named
}

/** Runs one command and resolves with its exit code. What it has opened is closed again. */
export async function runCommand(command: Command, argv: readonly string[], host: Host): Promise<number> {
  const { context, close } = contextOf(host)
  try {
    return (await command.run(readGiven(command, argv), context)) ?? 0
  } catch (thrown) {
    const fault = toFault(explainSystemError(thrown, host.named))
    host.say(`error: ${fault.message}${fault.code === 'internal' && fault.cause ? ` (${String(fault.cause)})` : ''}`)
    return 1
  } finally {
    await close()
  }
}

function contextOf(host: Host): { context: Context; close: () => Promise<void> } {
  let store: Store | undefined
  let verifier: Promise<Verifier> | undefined
  const plugins: Plugin[] = []
  const context: Context = {
    ...host,
    input: endedBy(host.stop, host.input),
    store() {
      store ??= host.openStore()
      return store
    },
    verifier() {
      verifier ??= host.openVerifier()
      return verifier
    },
    plugin(command) {
      const plugin = host.startPlugin(command)
      plugins.push(plugin)
      return plugin
    },
  }
  return {
    context,
    async close() {
      for (const plugin of plugins) plugin.close()
      await (await verifier)?.close()
      await store?.close()
    },
  }
}

/** The same input, that ends as well when the program is told to stop. */
async function* endedBy(stop: AbortSignal, input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = input[Symbol.asyncIterator]()
  const stopped = new Promise<undefined>((resolve) => {
    stop.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  while (!stop.aborted) {
    const next = await Promise.race([chunks.next(), stopped])
    if (next === undefined || next.done) return
    yield next.value
  }
}
