import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getRequestListener } from '@hono/node-server'
import { systemClock } from '#nips/kit/clock'
import { jsonLog } from '#nips/kit/log'
import { runProgram } from '#nips/kit/program'
import { explainSettings, readSettings, type Values } from '#nips/kit/settings'
import { openDeployment } from '#nips/service'
import { assembleBroker } from './assemble.ts'
import { chooseProvider } from './models/providers.ts'
import { bunInstall, isInstalled, pinnedVersion } from './openclaw/install.ts'
import { OpenClawRuntime } from './openclaw/runtime.ts'
import { chooseDriver, drivers } from './sandbox/index.ts'
import { settings } from './settings.ts'
import { openBrokerStore } from './store/sqlite.ts'

/** Instances and their secrets are for this user alone. */
process.umask(0o077)
const clock = systemClock()
const log = jsonLog('broker', clock.now, (line) => console.log(line))
const root = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

async function openRuntime({ data, openclaw }: Values<typeof settings>): Promise<OpenClawRuntime> {
  const version = await pinnedVersion()
  const directory = join(resolve(openclaw || join(data, 'openclaw')), version)
  const install = bunInstall({ directory, bun: 'bun', node: process.execPath, env: process.env, clock })
  return new OpenClawRuntime({ version, directory, isInstalled: () => isInstalled(directory), install, clock, log })
}

/** A line for every tenth that is installed. */
function logProgress(runtime: OpenClawRuntime): void {
  let told = -1
  runtime.onChange(() => {
    const { state, progress } = runtime.state
    const tenth = Math.floor(progress * 10)
    if (state === 'installing' && tenth !== told) log('openclaw.progress', { progress })
    told = tenth
  })
}

const listen = (
  server: ReturnType<typeof createServer>,
  { port, host }: { port: number; host: string },
): Promise<number> =>
  new Promise((resolved, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.address()
      resolved(typeof address === 'object' && address !== null ? address.port : port)
    })
  })

if (process.argv.includes('--settings')) {
  console.log(JSON.stringify(explainSettings(settings, process.env)))
  process.exit(0)
}

await runProgram('broker', { log, exit: process.exit }, async () => {
  const values = readSettings(settings, process.env)
  mkdirSync(values.data, { recursive: true })
  const data = resolve(values.data)
  const store = openBrokerStore(join(data, 'broker.db'))
  const sockets = mkdtempSync(join(tmpdir(), 'oa-'))
  const leaving = new AbortController()
  const runtime = await openRuntime(values)
  const { version } = JSON.parse(readFileSync(root('package.json'), 'utf8')) as { version: string }
  const chosen = await chooseDriver(drivers({ node: process.execPath, path: process.env.PATH ?? '' }), values.sandbox)
  const choice = await chooseProvider(values, { fetch, clock })

  // The port is known only once it listens, and the address is part of what callers sign.
  let answer: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 })
  const server = createServer(getRequestListener((request) => answer(request)))
  const port = await listen(server, values)
  const { app, resume, close } = assembleBroker({
    values: { ...values, data },
    store,
    runtime,
    provider: choice.provider,
    chosen,
    deployment: openDeployment(readFileSync(values.deployment, 'utf8'), values.operator),
    files: { dist: root('client/dist'), skill: root('SKILL.md') },
    origin: values.url || `http://${values.host}:${port}`,
    sockets,
    memory: totalmem(),
    version,
    clock,
    log,
  })
  answer = (request) => app.fetch(request)

  const leave = async () => {
    leaving.abort()
    server.close()
    await close()
    server.closeAllConnections()
    store.close()
    rmSync(sockets, { recursive: true, force: true })
    process.exit(0)
  }
  process.once('SIGTERM', () => void leave())
  process.once('SIGINT', () => void leave())

  logProgress(runtime)
  void runtime.keepTrying(leaving.signal)
  await resume()
  log('broker.listening', {
    port,
    model: choice.provider.model,
    provider: choice.provider.label,
    offline: choice.provider.offline,
    why: choice.why,
    driver: chosen.driver.name,
    keeps: [...chosen.keeps],
  })
})
