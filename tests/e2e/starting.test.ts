import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { instanceProvision } from '#nips/jobs/instance-provision'
import { openclawDirectory, root } from '#tests/support/installed'
import { requester } from '#tests/support/requester'
import { freePort, type System, startSystem } from '#tests/support/system'
import { until } from '#tests/support/wait'

function tempData(): string {
  const path = mkdtempSync(join(tmpdir(), 'oa-b-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Runs `npm start`'s program to its end; resolves with its exit code and all it printed. */
function runStart(env: Record<string, string>, args: string[] = []): Promise<{ code: number; printed: string }> {
  const own = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    OPENCLAW_DIR: openclawDirectory,
    MODEL_PROVIDER: 'offline',
    ...env,
  }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'gateway-broker/supervisor/main.ts'), ...args],
      { env: own, timeout: 60_000 },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), printed: stdout + stderr }),
    )
  })
}

async function started(env: Record<string, string> = {}): Promise<System> {
  const system = await startSystem(env)
  onTestFinished(() => system.stop())
  return system
}

describe('npm start', () => {
  test('says which port is taken and how to choose another', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const { code, printed } = await runStart({ PORT: String(port), DATA_DIR: tempData() })
    server.close()
    expect({ code, printed }).toMatchObject({ code: 1, printed: expect.stringContaining(`port ${port} is taken`) })
    expect(printed).toContain('PORT')
  })

  test('names a setting that cannot be read', async () => {
    const { code, printed } = await runStart({ PORT: 'abc', DATA_DIR: tempData() })
    expect({ code, printed }).toMatchObject({ code: 1, printed: expect.stringContaining('PORT must be a port') })
  })

  test('says what is wrong with a data directory that cannot be one', async () => {
    const file = join(tempData(), 'a-file')
    writeFileSync(file, '')
    const { code, printed } = await runStart({ PORT: String(await freePort()), DATA_DIR: join(file, 'data') })
    expect({ code, printed }).toMatchObject({ code: 1, printed: expect.stringContaining('DATA_DIR') })
  })

  test.each(['relay.db', 'broker.db', 'worker.db'])(
    'refuses a %s that a newer version has written, and leaves it as it is',
    async (name) => {
      const data = tempData()
      const db = new Database(join(data, name))
      db.pragma('user_version = 99')
      db.close()
      const { code, printed } = await runStart({ PORT: String(await freePort()), DATA_DIR: data })
      expect({ code, printed }).toMatchObject({ code: 1, printed: expect.stringContaining('newer version') })
      expect(new Database(join(data, name)).pragma('user_version', { simple: true })).toBe(99)
    },
  )

  test('prints every setting for --help, and doctor checks them', async () => {
    const { printed } = await runStart({}, ['--help'])
    for (const name of ['PORT', 'DATA_DIR', 'OPENAI_API_KEY', 'SANDBOX', 'RELAY_NAME']) expect(printed).toContain(name)
    const good = await runStart({ DATA_DIR: tempData(), PORT: String(await freePort()) }, ['doctor'])
    expect(good).toMatchObject({ code: 0, printed: expect.stringContaining('sandbox bwrap works') })
    const bad = await runStart({ DATA_DIR: tempData(), SANDBOX: 'chroot' }, ['doctor'])
    expect(bad).toMatchObject({ code: 1, printed: expect.stringContaining('SANDBOX is chroot') })
  })
})

describe('a running OpenAgents', () => {
  test('is one origin: page, API, SKILL.md, NIP-11 and relay; a second one on its data is refused', async () => {
    const { url, relay, data } = await started()
    const get = (path: string, accept = '*/*') => fetch(`${url}${path}`, { headers: { accept } })
    const page = await get('/')
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect((await get('/a/page/of/the/client')).status).toBe(200)
    expect((await get('/assets/gone.js')).status).toBe(404)
    expect(await (await get('/SKILL.md')).text()).toContain('5770')
    expect(await (await get('/', 'application/nostr+json')).json()).toMatchObject({
      supported_nips: expect.arrayContaining([1, 42]),
    })
    const missing = await get('/api/nothing/here')
    expect([missing.status, await missing.json()]).toMatchObject([404, { ok: false, error: { code: 'not-found' } }])
    await new Promise((resolve, reject) => {
      const socket = new WebSocket(relay)
      socket.onopen = resolve
      socket.onerror = reject
    })
    const second = await runStart({ PORT: String(await freePort()), DATA_DIR: data })
    expect(second).toMatchObject({ code: 1, printed: expect.stringContaining('runs already') })
  })

  test('names the part that is down while it is down, and recovers by itself', async () => {
    const system = await started()
    const status = async () => (await fetch(`${system.url}/healthz`)).status
    system.kill('broker')
    const down = await until('the broker is missed', async () => {
      const response = await fetch(`${system.url}/healthz`)
      return response.status === 503 && ((await response.json()) as { error: { message: string } })
    })
    expect(down.error.message).toContain('broker is not running')
    await until('it is back', async () => (await status()) === 200)
  })

  test('can be used while OpenClaw cannot be downloaded, and a provision job says so', async () => {
    const empty = tempData()
    const system = await started({
      OPENCLAW_DIR: empty,
      BUN_INSTALL_CACHE_DIR: join(empty, 'cache'),
      BUN_CONFIG_REGISTRY: 'http://127.0.0.1:9',
    })
    const owner = requester(system)
    const health = () =>
      fetch(`${system.url}/healthz`).then(
        (response) => response.json() as Promise<{ openclaw: { state: string; reason?: string } }>,
      )
    await until('the download has failed', async () => (await health()).openclaw.state === 'failed', 60_000)
    expect((await fetch(system.url)).status).toBe(200)
    const end = await (await owner.ask(instanceProvision, {})).end()
    expect(end.failure).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('could not be downloaded'),
    })
    owner.close()
  })

  test('without isolation says so, and serves one owner only', async () => {
    const system = await started({ SANDBOX: 'process', INSTANCES_PER_OWNER: '2' })
    expect(system.screen()).toContain('can read every file that you can read')
    const [owner, other] = [requester(system), requester(system)]
    const instance = await owner.provision()
    const refused = await (await other.ask(instanceProvision, {})).end()
    expect(refused.failure).toMatchObject({ code: 'unauthorized', message: expect.stringContaining('one owner only') })
    expect((await (await owner.say(instance, 'What can you do?')).end()).output?.text).toContain('Offline model')
    expect((await owner.remove(instance)).output).toMatchObject({ existed: true })
    await until('nothing of the gateway is left', () => !system.processes().some((args) => args.includes('openclaw')))
    owner.close()
    other.close()
  })
})
