import { toFault } from '#nips/kit/fault'
import type { Command, Context } from './command.ts'
import { createIntake } from './intake.ts'
import { type RouterConfig, readRouterConfig } from './router-config.ts'
import { createStreams, type Streams } from './streams.ts'

/** Milliseconds between two looks at the file. */
const LOOK = 1000

export const routerCommand: Command = {
  name: 'router',
  doc: 'streams events from and to other relays, as a file says; changes of the file take effect at once',
  takes: ['config'],
  async run({ words: [file = ''] }, context) {
    let config = readRouterConfig(context.files.read(file))
    const streams = await streamsFor(context, () => config.verbose)
    streams.configure(config.groups)
    const stopLooking = follow(file, context, (fresh) => {
      config = fresh
      streams.configure(fresh.groups)
    })
    await stopped(context)
    stopLooking()
    streams.close()
    return 0
  },
}

export async function streamsFor(context: Context, verbose: () => boolean): Promise<Streams> {
  const { clock, dial, plugin, say } = context
  const onRejected = (id: string, why: string) => {
    if (verbose()) say(`Rejected event ${id}: ${why}`)
  }
  const intake = createIntake({ store: context.store(), verifier: await context.verifier(), clock, onRejected })
  return createStreams({ store: context.store(), intake, clock, dial, plugin, say, verbose })
}

export const stopped = ({ stop }: Context): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve()
    stop.addEventListener('abort', () => resolve(), { once: true })
  })

/** Calls `take` with what a changed file says; a file that cannot be used changes nothing. */
function follow(file: string, { files, clock, say }: Context, take: (config: RouterConfig) => void): () => void {
  let seen = files.version(file)
  return clock.every(LOOK, () => {
    const current = files.version(file)
    if (current === seen) return
    seen = current
    try {
      take(readRouterConfig(files.read(file)))
      say(`Loaded ${file}`)
    } catch (thrown) {
      say(`Failed to parse router config: ${toFault(thrown).message}`)
    }
  })
}
