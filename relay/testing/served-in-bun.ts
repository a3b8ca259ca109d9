import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { testClock } from './clock.ts'
import { person } from './events.ts'
import { guestsOf } from './guests.ts'
import type { RelayAtUrl } from './served.ts'

/** The Bun of this repository. */
export const bunPath = fileURLToPath(new URL('../../node_modules/.bin/bun', import.meta.url))
const program = fileURLToPath(new URL('./bun-program.ts', import.meta.url))

/** A relay in a process of its own that Bun runs, which takes every signature for good. */
export async function serveInBun(env: Record<string, string>): Promise<RelayAtUrl> {
  const child = spawn(bunPath, [program], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const ask = askerOf(child)
  const { port } = (await ask({ start: true })) as { port: number }
  const url = `ws://127.0.0.1:${port}`
  const clock = testClock()
  const guests = guestsOf(url)
  const stop = async () => void (await ask({ stop: true }))
  return {
    url,
    http: `http://127.0.0.1:${port}`,
    async advance(seconds) {
      clock.advance(seconds)
      await ask({ advance: seconds })
    },
    person: () => person(clock.now),
    client: guests.client,
    stop,
    async close() {
      guests.dismiss()
      await stop()
      child.kill('SIGKILL')
    },
  }
}

/** Says a line to the child and waits for its answer, one after the other. */
function askerOf(child: ChildProcess): (message: object) => Promise<unknown> {
  const { stdin, stdout } = child
  if (!stdin || !stdout) throw new Error('the child has no pipes')
  const answers = createInterface({ input: stdout })[Symbol.asyncIterator]()
  return async (message) => {
    stdin.write(`${JSON.stringify(message)}\n`)
    const { value, done } = await answers.next()
    if (done) throw new Error('the relay in Bun has ended')
    return JSON.parse(value)
  }
}
