import type { Dial, SocketEvents } from '../link.ts'

type Said = [verb: string, ...rest: unknown[]]

/** The other end of a link, without a network: what it was told, and what it says is up to the test. */
export function fakeRelay() {
  const heard: Said[] = []
  let on: SocketEvents | undefined
  let dials = 0
  const dial: Dial = (_url, events) => {
    dials += 1
    on = events
    return {
      send: (frame) => heard.push(JSON.parse(frame) as Said),
      close: () => events.closed(),
    }
  }
  return {
    dial,
    heard,
    dials: () => dials,
    open: () => on?.opened(),
    cut: () => on?.closed(),
    say: (...message: unknown[]) => on?.frame(JSON.stringify(message)),
    raw: (frame: string) => on?.frame(frame),
    /** Everything of one verb since the last look, which is forgotten with it. */
    take: (verb: string): Said[] => {
      const found = heard.filter(([said]) => said === verb)
      heard.splice(0, heard.length, ...heard.filter(([said]) => said !== verb))
      return found
    },
  }
}
