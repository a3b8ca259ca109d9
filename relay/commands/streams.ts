import { type Filter, matches } from '#nips/filter'
import type { NostrEvent } from '#nips/keys'
import { parseJson } from '#nips/kit/bytes'
import { type LinkState, RelaySocket } from '#nips/relay-socket'
import type { Plugin } from '../plugin/plugin.ts'
import type { Row, Store } from '../store/store.ts'
import type { Context } from './command.ts'
import { mayLeave } from './filters.ts'
import type { Intake } from './intake.ts'
import type { StreamGroup } from './router-config.ts'

export type StreamDeps = Pick<Context, 'clock' | 'dial' | 'plugin' | 'say'> & {
  store: Store
  intake: Intake
  /** Whether what is taken and refused is told, asked each time. */
  verbose: () => boolean
}

/** Streams between this database and other relays, as long as they are wanted. */
export type Streams = {
  /** Goes on with these groups: what is the same keeps its connections. */
  configure(groups: readonly StreamGroup[]): void
  close(): void
}

/** One connection of one group. */
type Line = {
  readonly url: string
  readonly socket: RelaySocket
  /** Ids that came from there lately and are not sent back. */
  readonly received: Set<string>
}
type Running = {
  group: StreamGroup
  /** By what has to be dialled anew when it changes. */
  readonly lines: Map<string, Line>
  readonly down: Plugin
  readonly up: Plugin
}

/** Milliseconds between two looks for new events in the database, and how many are taken at once. */
const LOOK = 100
const TOGETHER = 500
const REMEMBERED = 10_000

export function createStreams(deps: StreamDeps): Streams {
  const { store, clock, say } = deps
  const running = new Map<string, Running>()
  let sent = store.newest()
  let looking = false

  function start(group: StreamGroup): Running {
    const one: Running = {
      group,
      lines: new Map(),
      down: deps.plugin(() => one.group.pluginDown),
      up: deps.plugin(() => one.group.pluginUp),
    }
    return one
  }

  function stop(one: Running): void {
    for (const { socket } of one.lines.values()) socket.close()
    one.down.close()
    one.up.close()
  }

  /** Sends on what has come into the database, from whoever. */
  async function look(): Promise<void> {
    for (let rows = await next(); rows.length > 0; rows = await next())
      for (const row of rows) {
        const event = JSON.parse(row.json) as NostrEvent
        for (const one of running.values()) await sendUp(one, event, row)
        sent = row.seq
      }
  }
  const next = (): Promise<readonly Row[]> => store.arrivals(sent, TOGETHER)

  const stopLooking = clock.every(LOOK, () => {
    if (looking) return
    looking = true
    look()
      .catch((error: unknown) => say(`The database cannot be read: ${String(error)}`))
      .finally(() => {
        looking = false
      })
  })

  return {
    configure(groups) {
      const names = new Set(groups.map(({ name }) => name))
      for (const one of [...running.values()].filter(({ group }) => !names.has(group.name))) {
        running.delete(one.group.name)
        stop(one)
      }
      for (const group of groups) {
        const one = running.get(group.name) ?? start(group)
        running.set(group.name, one)
        one.group = group
        connect(one, deps)
      }
    },
    close() {
      stopLooking()
      for (const one of running.values()) stop(one)
    },
  }
}

/** Opens the lines that the group wants and closes the others. */
function connect(one: Running, deps: StreamDeps): void {
  const { dir, urls, filters } = one.group
  const wanted = new Map(urls.map((url) => [JSON.stringify([url, dir, filters.json]), url]))
  for (const [key, { socket }] of [...one.lines].filter(([key]) => !wanted.has(key))) {
    one.lines.delete(key)
    socket.close()
  }
  for (const [key, url] of wanted) {
    if (one.lines.has(key)) continue
    const line = openLine(one, url, deps)
    one.lines.set(key, line)
    line.socket.open()
  }
}

function openLine(one: Running, url: string, deps: StreamDeps): Line {
  const { clock, dial, say } = deps
  const { name, dir, filters } = one.group
  const asked = [filters.json].flat().map((filter) => ({ ...(filter as object), limit: 0 }))
  const received = new Set<string>()
  const socket = new RelaySocket(
    { url, clock, dial, random: Math.random },
    {
      onState({ state }: LinkState) {
        if (state !== 'connecting')
          say(`${name}: ${state === 'connected' ? 'Connected to' : 'No connection to'} ${url}`)
        if (state === 'connected' && dir !== 'up') socket.send(JSON.stringify(['REQ', 'X', ...asked]))
      },
      onFrame: (text) => hear(one, { url, socket, received }, { text, deps }),
      onQuiet: () => socket.send(JSON.stringify(['REQ', 'Q', { ids: ['0'.repeat(64)], limit: 1 }])),
    },
  )
  return { url, socket, received }
}

function hear(one: Running, line: Line, { text, deps }: { text: string; deps: StreamDeps }): void {
  const said = parseJson(text)
  if (!Array.isArray(said)) return
  const where = `${one.group.name} / ${line.url}`
  if (said[0] === 'EVENT' && one.group.dir !== 'up')
    receive(one, line, { raw: said[2], deps }).catch((error: unknown) => deps.say(`${where}: ${String(error)}`))
  else if (said[0] === 'OK' && said[2] !== true) deps.say(`${where} Event not written: ${text}`)
  else if (said[0] === 'NOTICE' || said[0] === 'CLOSED') deps.say(`${where} ${text}`)
}

/** Takes an event that was asked for, is signed rightly, and that the group's plugin lets pass. */
async function receive(one: Running, line: Line, { raw, deps }: { raw: unknown; deps: StreamDeps }): Promise<void> {
  await deps.intake.add(raw, async (event) => {
    if (!wants(one.group, event)) return false
    remember(line.received, event.id)
    const { action, msg } = await one.down.ask(event, { type: 'Stream', info: line.url })
    if (action !== 'accept' && msg !== '' && deps.verbose())
      deps.say(`${one.group.name} / ${line.url} : pluginDown blocked event ${event.id}: ${msg}`)
    return action === 'accept'
  })
}

async function sendUp(one: Running, event: NostrEvent, { json }: Row): Promise<void> {
  const { group, lines, up } = one
  if (group.dir === 'down' || !wants(group, event) || !mayLeave(event, group.filters)) return
  const targets = [...lines.values()].filter(({ socket, received }) => socket.isConnected && !received.has(event.id))
  if (targets.length === 0) return
  const { action } = await up.ask(event, { type: 'Stored', info: '' })
  if (action !== 'accept') return
  for (const { socket } of targets) socket.send(`["EVENT",${json}]`)
}

const wants = ({ filters }: StreamGroup, event: NostrEvent): boolean =>
  filters.parsed.some((filter: Filter) => matches(filter, event))

function remember(ids: Set<string>, id: string): void {
  ids.add(id)
  const [oldest] = ids
  if (ids.size > REMEMBERED && oldest !== undefined) ids.delete(oldest)
}
