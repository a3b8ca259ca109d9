import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { dirname } from 'node:path'
import { generateSecretKey, publicKeyOf, signEvent } from '#nips/keys'
import { bytesToHex, hexToBytes } from '#nips/kit/bytes'
import { systemClock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import { jsonLog } from '#nips/kit/log'
import { runProgram } from '#nips/kit/program'
import { explainSettings, type Values } from '#nips/kit/settings'
import { type Deployment, openDeployment } from '#nips/service'
import { splitArguments } from './commands/arguments.ts'
import { hostsOf } from './hosts.ts'
import type { About } from './info.ts'
import { limitsBy } from './limits.ts'
import { createPlugin, type Plugin } from './plugin/plugin.ts'
import { startProgram } from './plugin/program.ts'
import { judgeBy } from './plugin/verdict.ts'
import { createRelay } from './relay.ts'
import { runtime, serve } from './server/serve.ts'
import { settings } from './settings.ts'
import { openSqliteStore } from './store/sqlite.ts'
import { type Live, liveSettings } from './strfry-conf/live.ts'
import { findConf, loadSettings, versionOf } from './strfry-conf/load.ts'
import { openVerifier } from './verify/open.ts'

/** Private events and the relay's key are for this user alone. */
process.umask(0o077)
const clock = systemClock()
const log = jsonLog('relay', clock.now, (line) => process.stdout.write(`${line}\n`))

const line = splitArguments(process.argv.slice(2))

if (line.settings) {
  process.stdout.write(`${JSON.stringify(explainSettings(settings, process.env))}\n`)
  process.exit(0)
}

const named = { port: 'RELAY_PORT', data: 'RELAY_DB' }
await runProgram('relay', { log, exit: process.exit, named }, () => start(followSettings()))

/** The settings as they are now. A config file is looked for only by whoever calls us as strfry is called. */
function followSettings(): Live<Values<typeof settings>> {
  const asked = line.command !== undefined || line.config !== undefined
  const file = asked ? findConf(line.config, process.env, existsSync) : undefined
  return liveSettings({
    table: settings,
    read: () => loadSettings(settings, { file, sets: line.sets, env: process.env }, log),
    version: () => (file === undefined ? '' : versionOf(file)),
    clock,
    log,
  })
}

async function start(live: Live<Values<typeof settings>>): Promise<void> {
  const { values } = live
  const deployment = values.deployment === '' ? undefined : readDeployment(values.deployment, values.operator)
  const key = readKey(values.key)
  const self = publicKeyOf(key)
  mkdirSync(dirname(values.db), { recursive: true })
  const store = openSqliteStore(values.db, { cache: values.cacheBytes || usualCache(), millis: clock.millis })
  const plugin = startPlugin(live)
  const verifier = await openVerifier(values.verifyThreads, log)
  let port = values.port
  const relay = createRelay({
    store,
    clock,
    limits: limitsBy(() => live.values),
    verifier,
    about: aboutBy(live, { version: readVersion(), self, deployment }),
    deployment,
    hosts: () => hostsOf({ urls: values.urls, host: values.host, port }),
    newChallenge: () => randomBytes(16).toString('hex'),
    defer: setImmediate,
    plugin: judgeBy(plugin),
    sign: (template) => signEvent(template, key),
    admins: values.admins,
    log,
    switches: () => live.values,
  })
  try {
    await relay.open()
    const served = await serve({ relay, host: values.host, port, clock, log, realIpHeader: values.realIpHeader })
    port = served.port
    stopOn(['SIGTERM', 'SIGINT'], async () => {
      live.close()
      await served.close()
      await relay.close()
      plugin.close()
      log('relay.stopped')
    })
  } catch (error) {
    await relay.close()
    throw error
  }
  const checks = { verifier: verifier.name, verifierThreads: verifier.threads }
  log('relay.listening', { host: values.host, port, runtime, db: values.db, pubkey: self, ...checks })
}

/** Bytes of memory for the texts of events, where nothing is said about them. */
function usualCache(): number {
  return Math.min(512 * 1024 * 1024, Math.floor(totalmem() / 8))
}

/** What NIP-11 tells, as the settings have it at the moment it is asked. */
function aboutBy(
  live: Live<Values<typeof settings>>,
  fixed: { version: string; self: string; deployment: Deployment | undefined },
): About {
  const { version, self, deployment } = fixed
  return {
    version,
    self,
    get name() {
      return live.values.name
    },
    get operator() {
      return live.values.admin || deployment?.operator
    },
    get more() {
      const { description, contact, icon, banner, privacyPolicy, terms } = live.values
      return { description, contact, icon, banner, privacy_policy: privacyPolicy, terms_of_service: terms }
    },
  }
}

function startPlugin(live: Live<Values<typeof settings>>): Plugin {
  return createPlugin({
    settings: () => ({ command: live.values.plugin, timeout: live.values.pluginTimeout }),
    start: (command) => startProgram(command, (ms, action) => setTimeout(action, ms).unref()),
    version: (script) => String(statSync(script).mtimeMs),
    clock,
    log,
  })
}

/** Stops at the first signal and exits when all is written; later signals change nothing. */
function stopOn(signals: readonly NodeJS.Signals[], stop: () => Promise<void>): void {
  let stopping = false
  const onSignal = () => {
    if (stopping) return
    stopping = true
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log('relay.failed', { message: 'the relay could not stop cleanly', cause: error })
        process.exit(1)
      },
    )
  }
  for (const signal of signals) process.on(signal, onSignal)
}

function readDeployment(file: string, operator: string) {
  try {
    return openDeployment(readFileSync(file, 'utf8'), operator)
  } catch (error) {
    throw new Fault(
      'invalid',
      `DEPLOYMENT ${file} cannot be used: ${error instanceof Error ? error.message : 'unreadable'}`,
    )
  }
}

/** The relay's secret key; a missing file is made, readable by nobody else. */
function readKey(file: string): Uint8Array {
  mkdirSync(dirname(file), { recursive: true })
  try {
    const fresh = generateSecretKey()
    writeFileSync(file, `${bytesToHex(fresh)}\n`, { flag: 'wx', mode: 0o600 })
    return fresh
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const text = readFileSync(file, 'utf8').trim()
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Fault('invalid', `RELAY_KEY ${file} has to hold 64 lower-case hex digits`)
  return hexToBytes(text)
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
