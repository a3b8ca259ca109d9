import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { extname, join } from 'node:path'
import type { Browser } from 'playwright-core'
import { policy } from '#broker/routes/page'
import { buildPage } from '#broker/supervisor/build'
import { type Discovery, discoveryJobs } from '#nips/discovery'
import { SignedEvent } from '#nips/event'
import { generateSecretKey, publicKeyOf, signEvent, verifySchnorr } from '#nips/keys'
import { systemClock } from '#nips/kit/clock'
import { silentLog } from '#nips/kit/log'
import { readSettings } from '#nips/kit/settings'
import { decodeDeployment, encodeDeployment } from '#nips/service'
import { limitsOf } from '#relay/limits'
import { createRelay } from '#relay/relay'
import { serve } from '#relay/server/serve'
import type { Served } from '#relay/server/server'
import { settings } from '#relay/settings'
import { openSqliteStore } from '#relay/store/sqlite'
import { inlineVerifier } from '#relay/verify/verifier'
import { launch, type Visitor, visit } from '#tests/support/browser'
import { root } from '#tests/support/installed'
import { type Script, ScriptedService } from '#tests/support/scripted-service'

/** A relay, a scripted service and the built page, each test file its own. */
export type Stage = {
  readonly url: string
  readonly service: ScriptedService
  readonly clock: ReturnType<typeof systemClock>
  /** Takes the relay off the air; `raise` puts it back on the same port, with what it had. */
  cut(): Promise<void>
  raise(): Promise<void>
  /** A browser profile of its own. */
  visitor(options?: Parameters<Browser['newContext']>[0]): Promise<Visitor>
  close(): Promise<void>
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.txt': 'text/plain',
}

export async function openStage(script: Script): Promise<Stage> {
  const clock = systemClock()
  const [operatorKey, serviceKey] = [generateSecretKey(), generateSecretKey()]
  const [operator, servicePubkey] = [publicKeyOf(operatorKey), publicKeyOf(serviceKey)]
  const list = signEvent(encodeDeployment(new Map([[servicePubkey, 'service']]), clock.now()), operatorKey)
  const limits = limitsOf(readSettings(settings, {}))
  let served: Served | undefined
  const relay = createRelay({
    store: openSqliteStore(':memory:'),
    clock,
    limits: () => limits,
    verifier: inlineVerifier('stage', verifySchnorr),
    sign: (template) => signEvent(template, operatorKey),
    admins: [],
    about: { name: 'stage', version: '0', self: operator },
    deployment: decodeDeployment(SignedEvent.open(list)),
    hosts: () => [`127.0.0.1:${served?.port ?? 0}`],
    newChallenge: () => crypto.randomUUID(),
    defer: setImmediate,
    log: silentLog,
  })
  const raise = async () => {
    const port = served?.port ?? 0
    served = await serve({ relay, host: '127.0.0.1', port, clock, log: silentLog, realIpHeader: '' })
  }
  await raise()
  const relayUrl = `ws://127.0.0.1:${served?.port}`
  const service = new ScriptedService({ url: relayUrl, secretKey: serviceKey, clock, script })
  await service.open()
  const http = await servePage(discoveryOf({ relay: relayUrl, service: servicePubkey, operator }))
  const browser = await launch()
  const address = http.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const url = `http://localhost:${port}`
  return {
    url,
    service,
    clock,
    raise,
    cut: async () => served?.close(),
    visitor: (options) => visit(browser, url, options),
    close: async () => {
      await browser.close()
      service.close()
      http.closeAllConnections()
      http.close()
      await served?.close()
      await relay.close()
    },
  }
}

async function servePage(discovery: Discovery): Promise<Server> {
  const files = await builtFiles()
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://stage').pathname
    if (path === '/.well-known/openagents.json') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(discovery))
      return
    }
    const name = files.has(path) ? path : '/index.html'
    const type = types[extname(name)] ?? 'application/octet-stream'
    response.writeHead(200, {
      'content-type': type,
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
    })
    response.end(files.get(name))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  return server
}

/** The built page as it is now; another build while a test runs changes nothing for it. */
async function builtFiles(): Promise<Map<string, Buffer>> {
  await buildPage(root, process.execPath)
  const dist = join(root, 'client/dist')
  const names = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => extname(name) in types)
  return new Map(names.map((name) => [`/${name}`, readFileSync(join(dist, name))]))
}

const discoveryOf = ({
  relay,
  service,
  operator,
}: {
  relay: string
  service: string
  operator: string
}): Discovery => ({
  name: 'stage',
  version: '0.1.0',
  relay,
  service,
  operator,
  relayKey: operator,
  skill: '/SKILL.md',
  jobs: discoveryJobs(),
  limits: {
    maxChatText: 60_000,
    instancesPerOwner: 1,
    requestWindow: 600,
  },
})
