import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { generateSecretKey, publicKeyOf, signEvent } from '#nips/keys'
import { bytesToHex, hexToBytes } from '#nips/kit/bytes'
import { systemClock } from '#nips/kit/clock'
import { Fault } from '#nips/kit/fault'
import { jsonLog } from '#nips/kit/log'
import { runProgram } from '#nips/kit/program'
import { explainSettings, readSettings, type Values } from '#nips/kit/settings'
import { openDeployment } from '#nips/service'
import { hostsOf } from './hosts.ts'
import { limitsOf } from './limits.ts'
import { createRelay } from './relay.ts'
import { serve } from './serve.ts'
import { settings } from './settings.ts'
import { openSqliteStore } from './store/sqlite.ts'
import { openVerifier } from './verify/open.ts'

/** Private events and the relay's key are for this user alone. */
process.umask(0o077)
const clock = systemClock()
const log = jsonLog('relay', clock.now, (line) => process.stdout.write(`${line}\n`))

if (process.argv.includes('--settings')) {
  process.stdout.write(`${JSON.stringify(explainSettings(settings, process.env))}\n`)
  process.exit(0)
}

const named = { port: 'RELAY_PORT', data: 'RELAY_DB' }
await runProgram('relay', { log, exit: process.exit, named }, () => start(readSettings(settings, process.env)))

async function start(values: Values<typeof settings>): Promise<void> {
  const deployment = values.deployment === '' ? undefined : readDeployment(values.deployment, values.operator)
  const key = readKey(values.key)
  const self = publicKeyOf(key)
  mkdirSync(dirname(values.db), { recursive: true })
  const store = openSqliteStore(values.db)
  const limits = limitsOf(values)
  const verifier = await openVerifier(values.verifyThreads, log)
  let port = values.port
  const relay = createRelay({
    store,
    clock,
    limits: () => limits,
    verifier,
    about: { name: values.name, version: readVersion(), self, operator: deployment?.operator },
    deployment,
    hosts: () => hostsOf({ urls: values.urls, host: values.host, port }),
    newChallenge: () => randomBytes(16).toString('hex'),
    defer: setImmediate,
    sign: (template) => signEvent(template, key),
    admins: values.admins,
    log,
  })
  try {
    await relay.open()
    const served = await serve({ relay, host: values.host, port, clock, log, realIpHeader: values.realIpHeader })
    port = served.port
    stopOn(['SIGTERM', 'SIGINT'], async () => {
      await served.close()
      await relay.close()
      log('relay.stopped')
    })
  } catch (error) {
    await relay.close()
    throw error
  }
  const checks = { verifier: verifier.name, verifierThreads: verifier.threads }
  log('relay.listening', { host: values.host, port, db: values.db, pubkey: self, ...checks })
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
