import type { SignedEvent } from '#nips/event'
import type { Fault } from '#nips/kit/fault'
import { type LinkDeps, RelayLink } from '#nips/relay-link'
import type { Ask } from '#nips/relay-request'
import type { LinkState } from '#nips/relay-socket'
import { type ManualClock, manualClock } from './clock.ts'
import { type ScriptedRelay, scriptedRelay } from './scripted-relay.ts'

/** A link between a clock that stands still and a relay that says what the test says. */
export type LinkStage = {
  readonly clock: ManualClock
  readonly relay: ScriptedRelay
  readonly link: RelayLink
  readonly states: LinkState[]
  /** The relay takes the connection that is being tried. */
  accept(): Promise<void>
  /** The connection is cut, and the next one is tried and taken. */
  comeBack(): Promise<void>
}

/** Begins to dial; pauses have no jitter. */
export function linkStage(deps: Partial<LinkDeps> = {}): LinkStage {
  const clock = manualClock()
  const relay = scriptedRelay()
  const states: LinkState[] = []
  const link = new RelayLink({
    ...{ url: 'wss://relay.example', clock, dial: relay.dial, random: () => 0.5 },
    onState: (state) => states.push(state),
    ...deps,
  })
  link.open()
  const accept = async () => {
    relay.last.accept()
    await clock.advance(0)
  }
  return {
    ...{ clock, relay, link, states, accept },
    async comeBack() {
      relay.last.cut()
      const tried = relay.sockets.length
      while (relay.sockets.length === tried) await clock.advance(100)
      await accept()
    },
  }
}

/** What came of one subscription. */
export type Heard = {
  events: SignedEvent[]
  live: boolean[]
  stored: number
  ended: Pick<Fault, 'code' | 'message'>[]
}

/** Subscribes and writes down what comes. */
export function collect(link: RelayLink, filters: Ask['filters']): { heard: Heard; stop: () => void } {
  const heard: Heard = { events: [], live: [], stored: 0, ended: [] }
  const stop = link.subscribe({
    filters,
    onEvent: (event, live) => {
      heard.events.push(event)
      heard.live.push(live)
    },
    onStored: () => {
      heard.stored += 1
    },
    onEnd: ({ code, message }) => heard.ended.push({ code, message }),
  })
  return { heard, stop }
}
