import { createWriteStream, mkdirSync } from 'node:fs'
import type { Server } from 'node:http'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '#nips/kit/clock'
import { toFault } from '#nips/kit/fault'
import { explainSystemError } from '#nips/kit/program'
import { readSettings, type Values } from '#nips/kit/settings'
import type { Health } from '#nips/service'
import { buildPage } from './build.ts'
import type { ProgramLine } from './child.ts'
import { examine, report } from './doctor.ts'
import { createFront } from './front.ts'
import { allSettings, helpText } from './help.ts'
import { openKeyring } from './keys.ts'
import { holdDirectory } from './lock.ts'
import { relayRuntime } from './runtime.ts'
import { describeRuntime, screen, sentenceOf } from './screen.ts'
import { settings } from './settings.ts'
import { Tree } from './tree.ts'

const clock = systemClock()
const root = fileURLToPath(new URL('../../', import.meta.url))
const host = { root, node: process.execPath, env: process.env, clock }

const [verb = 'start'] = process.argv.slice(2)
if (verb === '--help' || verb === '-h' || verb === 'help') console.log(helpText(await allSettings(host)))
else if (verb === 'doctor') await doctor()
else if (verb === 'start') await start().catch(leaveWith)
else leaveWith(new Error(`There is no "${verb}". Try --help.`))

async function doctor(): Promise<void> {
  const findings = await examine(host)
  console.log(`\n${report(findings)}\n`)
  process.exit(findings.some(({ state }) => state === 'bad') ? 1 : 0)
}

function leaveWith(thrown: unknown): void {
  const failed = thrown as Partial<ProgramLine>
  const explained = explainSystemError(thrown)
  const fault = toFault(explained)
  const text =
    typeof failed.event === 'string'
      ? String(failed.message)
      : explained instanceof Error
        ? explained.message
        : fault.message
  console.error(`\n  OpenAgents did not start: ${text}\n`)
  process.exit(1)
}

async function start(): Promise<void> {
  const values = readSettings(settings, process.env)
  const data = resolve(values.data)
  mkdirSync(data, { recursive: true })
  const release = holdDirectory(data, process.pid)
  process.once('exit', release)
  const logs = openLogs(join(data, 'logs'))
  const publicUrl = (values.publicUrl || `http://localhost:${values.port}`).replace(/\/+$/, '')
  const tree = new Tree({
    ...host,
    relay: await relayRuntime(values.relayRuntime, host),
    data,
    publicUrl,
    relayUrls: ['127.0.0.1', '[::1]', 'localhost'].map((name) => `ws://${name}:${values.port}`),
    keys: openKeyring(data, clock.now()),
    onLine: (program, line) => {
      logs(program, JSON.stringify(line))
      const sentence = sentenceOf(line)
      if (sentence) console.log(`  ${program.padEnd(6)} ${sentence}`)
    },
    onText: (program, text) => {
      logs(program, text)
      console.error(`  ${program.padEnd(6)} ${text}`)
    },
  })
  const behind = { relay: () => tree.ports.relay, broker: () => tree.ports.broker }
  const fronts = await listen(values, () => createFront(behind))
  leaveOnSignal(tree, fronts)
  console.log('\n  Starting OpenAgents …')
  const page = buildPage(root, process.execPath).catch((error: Error) => console.error(`  page   ${error.message}`))
  await Promise.all([page, tree.start()]).catch(async (thrown) => {
    await tree.stop()
    throw thrown
  })
  const health = await healthOf(tree.ports.broker)
  console.log(screenOf(health, { url: publicUrl, data }))
}

function screenOf({ model, driver, openclaw }: Health, { url, data }: { url: string; data: string }): string {
  const name = model.offline ? model.label : `${model.label}, ${model.name}`
  return screen({
    url,
    data,
    model: name,
    offline: model.offline,
    driver: driver.name,
    ...driver,
    openclaw: describeRuntime(openclaw),
  })
}

async function healthOf(port: number | undefined): Promise<Health> {
  return (await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()) as Health
}

/** Listens on both loopback addresses for `localhost`, since programs differ in which they try first. */
async function listen({ host: name, port }: Values<typeof settings>, front: () => Server): Promise<Server[]> {
  const addresses = name === 'localhost' ? ['127.0.0.1', '::1'] : [name]
  const opened = await Promise.allSettled(
    addresses.map(
      (address) =>
        new Promise<Server>((opened_, reject) => {
          const server = front()
          server.once('error', reject)
          server.listen(port, address, () => opened_(server))
        }),
    ),
  )
  const [first] = opened
  if (first?.status === 'rejected') throw first.reason
  return opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

function openLogs(directory: string): (program: string, text: string) => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const files = new Map(
    ['relay', 'broker', 'worker'].map((name) => [
      name,
      createWriteStream(join(directory, `${name}.log`), { mode: 0o600 }),
    ]),
  )
  return (program, text) => void files.get(program)?.write(`${text}\n`)
}

function leaveOnSignal(tree: Tree, fronts: Server[]): void {
  let leaving = false
  const leave = async () => {
    if (leaving) return
    leaving = true
    console.log('\n  Stopping …')
    for (const front of fronts) front.close()
    await tree.stop()
    for (const front of fronts) front.closeAllConnections()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void leave())
}
