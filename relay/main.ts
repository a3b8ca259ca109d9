import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { dirname } from 'node:path'
import { generateSecretKey, publicKeyOf, signEvent } from '#nips/keys'
import { bytesToHex, hexToBytes } from '#nips/kit/bytes'
import { systemClock } from '#nips/kit/clock'
import { Fault, toFault } from '#nips/kit/fault'
import { jsonLog, type Log, silentLog } from '#nips/kit/log'
import { runProgram } from '#nips/kit/program'
import { explainSettings, type Values } from '#nips/kit/settings'
import { type Deployment, openDeployment } from '#nips/service'
import { type CommandLine, splitArguments } from './commands/arguments.ts'
import { hostsOf } from './hosts.ts'
import type { About } from './info.ts'
import { limitsBy } from './limits.ts'
import { createPlugin, type Plugin } from './plugin/plugin.ts'
import { startProgram } from './plugin/program.ts'
import { judgeBy } from './plugin/verdict.ts'
import { watchDisk } from './rates/disk.ts'
import { createRelay } from './relay.ts'
import { runtime, serve } from './server/serve.ts'
import type { Served } from './server/server.ts'
import { settings } from './settings.ts'
import { openSqliteStore } from './store/sqlite.ts'
import { type Live, liveSettings } from './strfry-conf/live.ts'
import { findConf, loadSettings, versionOf } from './strfry-conf/load.ts'
import { openVerifier } from './verify/open.ts'

/** Private events and the relay's key are for this user alone. */
process.umask(0o077)
/** Milliseconds that clients have to leave by themselves when another relay takes over. */
const DRAIN = 60_000
const clock = systemClock()
// Whoever read the log may be gone; what is under way still ends as it should.
process.stdout.on('error', () => undefined)
const log = jsonLog('relay', clock.now, (line) => process.stdout.write(`${line}\n`))

const named = { port: 'RELAY_PORT', data: 'RELAY_DB' }
await runProgram('relay', { log, exit: process.exit, named }, () => main(splitArguments(process.argv.slice(2))))

/** Tells what is asked about the program, runs an errand, or is the relay. */
async function main(line: CommandLine): Promise<void> {
  if (line.settings) return print(`${JSON.stringify(explainSettings(settings, process.env))}\n`)
  if (line.version) return print(`openagents relay ${readVersion()}\n`)
  const isErrand = line.command !== undefined && line.command !== 'relay'
  if (line.help || isErrand || line.rest.length > 0) return runOther(line)
  return start(followSettings(line, log))
}

/** Everything but the relay itself; its code is loaded only here. */
async function runOther(line: CommandLine): Promise<void> {
  const { commands, helpText } = await import('./commands/index.ts')
  const { runErrand } = await import('./commands/main.ts')
  if (line.help || line.rest.includes('--help')) return print(helpText(line.command))
  const command = commands.find(({ name }) => name === line.command)
  const stderr = jsonLog('strfry', clock.now, (text) => process.stderr.write(`${text}\n`))
  try {
    if (!command) throw new Fault('invalid', `unknown command: ${line.command ?? ''}`)
    const { values, close } = followSettings(line, line.quiet ? silentLog : stderr)
    close()
    await runErrand({ command, argv: line.rest, values, quiet: line.quiet, named })
  } catch (thrown) {
    process.stderr.write(`error: ${toFault(thrown).message}\n`)
    process.exit(1)
  }
}

function print(text: string): void {
  process.stdout.write(text)
}

/** The settings as they are now. A config file is looked for only by whoever calls us as strfry is called. */
function followSettings(line: CommandLine, log: Log): Live<Values<typeof settings>> {
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
  const disk = await watchDisk({ path: dirname(values.db), reserve: () => live.values.diskReserve, clock, log })
  const plugin = startPlugin(live)
  const judgeByPlugin = judgeBy(plugin)
  const verifier = await openVerifier(values.verifyThreads, log)
  let port = values.port
  const relay = createRelay({
    store,
    clock,
    limits: limitsBy(() => live.values),
    verifier,
    about: aboutBy(live, { version: readVersion(), self, deployment }),
    deployment,
    hosts: () => hostsOf({ urls: live.values.urls, host: values.host, port }),
    newChallenge: () => randomBytes(16).toString('hex'),
    defer: setImmediate,
    diskIsFull: disk.isFull,
    get plugin() {
      return plugin.isOn() ? judgeByPlugin : undefined
    },
    sign: (template) => signEvent(template, key),
    admins: values.admins,
    log,
    switches: () => live.values,
  })
  try {
    await relay.open()
    const { host, realIpHeader, compression, reusePort } = values
    const served = await serve({ relay, host, port, clock, log, realIpHeader, compression, reusePort })
    port = served.port
    leaveOnSignal(served, async () => {
      live.close()
      await served.close()
      await relay.close()
      plugin.close()
      disk.close()
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

/**
 * SIGTERM and SIGINT: goodbye to everybody. SIGUSR1: no new clients, and goodbye when the last has left or a minute is over.
 * Exits when all is written.
 */
function leaveOnSignal(served: Served, stop: () => Promise<void>): void {
  let leaving = false
  const leave = async () => {
    if (leaving) return
    leaving = true
    try {
      await stop()
      log('relay.stopped')
      process.exit(0)
    } catch (error) {
      log('relay.failed', { message: 'the relay could not stop cleanly', cause: error })
      process.exit(1)
    }
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void leave())
  process.once('SIGUSR1', () => {
    log('relay.draining')
    void served.drain(DRAIN).then(leave)
  })
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
