import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hexToBytes } from '#nips/kit/bytes'
import { systemClock } from '#nips/kit/clock'
import { jsonLog } from '#nips/kit/log'
import { runProgram } from '#nips/kit/program'
import { explainSettings, readSettings } from '#nips/kit/settings'
import { RelayLink } from '#nips/relay-link'
import { Broker } from './broker.ts'
import { serviceKey } from './key.ts'
import { Outbox } from './outbox.ts'
import { Owners } from './owners.ts'
import { Presence } from './presence.ts'
import { settings } from './settings.ts'
import { openWorkerStore } from './store.ts'
import { createWorker } from './worker.ts'

/** The job table holds private requests. */
process.umask(0o077)
const clock = systemClock()
const log = jsonLog('worker', clock.now, (line) => console.log(line))

if (process.argv.includes('--settings')) {
  console.log(JSON.stringify(explainSettings(settings, process.env)))
  process.exit(0)
}

await runProgram('worker', { log, exit: process.exit }, async () => {
  const { relay, publicRelay, publicUrl, broker: url, key: keyFile, database } = readSettings(settings, process.env)
  const key = serviceKey(hexToBytes(readFileSync(keyFile, 'utf8').trim()))
  const store = openWorkerStore(database)
  const link = new RelayLink({
    url: relay,
    dial: (address) => new WebSocket(address),
    clock,
    random: Math.random,
    signer: key,
    onState: ({ state }) => log('relay.link', { state }),
  })
  const outbox = new Outbox({ store, link, log })
  const broker = new Broker({ url, fetch, key, clock, newId: randomUUID })
  const deps = { link, broker, store, outbox, owners: new Owners(), key, clock, log }
  const announced = {
    name: 'OpenAgents',
    about: 'Starts and runs a private OpenClaw gateway for you. Jobs are signed by your own key.',
    relay: publicRelay,
    skill: `${publicUrl}/SKILL.md`,
  }
  const stopWorker = createWorker(deps)
  const leaving = new AbortController()
  const presence = new Presence({ ...deps, announced }).run(leaving.signal)
  link.open()
  log('worker.listening', { pubkey: key.pubkey, relay })

  const leave = async () => {
    leaving.abort()
    await Promise.all([stopWorker(), presence])
    link.close()
    store.close()
    process.exit(0)
  }
  process.once('SIGTERM', () => void leave())
  process.once('SIGINT', () => void leave())
})
