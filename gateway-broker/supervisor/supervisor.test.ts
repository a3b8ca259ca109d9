import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { systemClock } from '#nips/kit/clock'
import { keysOf, openDeployment, roles } from '#nips/service'
import { tempDirectory } from '#tests/support/temp'
import { until } from '#tests/support/wait'
import { Child, type ChildDeps, type ProgramLine } from './child.ts'
import { createFront } from './front.ts'
import { openKeyring } from './keys.ts'
import { holdDirectory } from './lock.ts'
import { describeRuntime, screen, sentenceOf } from './screen.ts'

const clock = systemClock()

const listening = (server: ReturnType<typeof createServer>): Promise<number> =>
  new Promise((resolve) => {
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })

describe('the keyring', () => {
  test('makes a key for every role, for its owner’s eyes only, and a list that the operator signs', () => {
    const data = tempDirectory()
    const keys = openKeyring(data, clock.now())
    for (const role of roles) {
      expect(readFileSync(keys.file(role), 'utf8')).toMatch(/^[0-9a-f]{64}$/)
      expect(statSync(keys.file(role)).mode & 0o777).toBe(0o600)
    }
    const deployment = openDeployment(readFileSync(keys.deployment, 'utf8'), keys.operator)
    expect(roles.map((role) => keysOf(deployment, role).length)).toEqual([1, 1, 1, 1])
  })

  test('stays the same at the next start, and signs a new list when a key was replaced', () => {
    const data = tempDirectory()
    const first = openKeyring(data, clock.now())
    const list = readFileSync(first.deployment, 'utf8')
    expect(openKeyring(data, clock.now() + 5).operator).toBe(first.operator)
    expect(readFileSync(first.deployment, 'utf8')).toBe(list)
    writeFileSync(first.file('service'), 'c'.repeat(64))
    openKeyring(data, clock.now() + 9)
    expect(readFileSync(first.deployment, 'utf8')).not.toBe(list)
  })

  test('does not take a damaged key for one, and leaves it where it is', () => {
    const data = tempDirectory()
    mkdirSync(join(data, 'keys'))
    writeFileSync(join(data, 'keys/relay.key'), 'half a key')
    expect(() => openKeyring(data, clock.now())).toThrow('is no key')
    expect(readFileSync(join(data, 'keys/relay.key'), 'utf8')).toBe('half a key')
  })
})

describe('a data directory', () => {
  test('is held by one, and free again when that one has gone', () => {
    const data = tempDirectory()
    const release = holdDirectory(data, process.pid)
    expect(() => holdDirectory(data, process.pid + 1)).toThrow(`process ${process.pid}`)
    release()
    expect(() => holdDirectory(data, process.pid + 1)()).not.toThrow()
    writeFileSync(join(data, 'openagents.pid'), '2147483646')
    expect(() => holdDirectory(data, process.pid)()).not.toThrow()
  })
})

describe('the one origin', () => {
  const answering = (name: string) =>
    createServer((incoming, outgoing) =>
      outgoing
        .writeHead(200, { 'x-from': name })
        .end(`${incoming.method} ${incoming.url} ${incoming.headers['x-real-ip']}`),
    )
  const open = async (ports: { relay?: number; broker?: number } = {}) => {
    const relay = answering('relay')
    const sockets = new WebSocketServer({ server: relay })
    sockets.on('connection', (socket, incoming) =>
      socket.on('message', (data) => socket.send(`${incoming.headers['x-real-ip']} ${data}`)),
    )
    const own = { relay: await listening(relay), broker: await listening(answering('broker')), ...ports }
    const port = await listening(createFront({ relay: () => own.relay, broker: () => own.broker }))
    return { url: `http://127.0.0.1:${port}`, own }
  }

  test.each([
    { path: '/', accept: '*/*', from: 'broker' },
    { path: '/', accept: 'application/nostr+json', from: 'relay' },
    { path: '/api/x?y=1', accept: 'application/nostr+json', from: 'broker' },
    { path: '/SKILL.md', accept: 'text/markdown', from: 'broker' },
  ])(
    'sends $path ($accept) to the $from, with the caller’s address that it saw itself',
    async ({ path, accept, from }) => {
      const { url } = await open()
      const response = await fetch(url + path, { headers: { accept, 'x-real-ip': '203.0.113.9' } })
      expect([response.headers.get('x-from'), await response.text()]).toEqual([from, `GET ${path} 127.0.0.1`])
    },
  )

  test('passes a WebSocket to the relay, both ways', async () => {
    const { url } = await open()
    const socket = new WebSocket(url.replace('http', 'ws'), { headers: { 'x-real-ip': '203.0.113.9' } })
    const heard = new Promise((resolve) => socket.on('message', (data) => resolve(String(data))))
    socket.on('open', () => socket.send('hello'))
    expect(await heard).toBe('127.0.0.1 hello')
    socket.close()
  })

  test('names the part that is not there, in the one envelope', async () => {
    const { url, own } = await open()
    const closed = createServer()
    const port = await listening(closed)
    closed.close()
    own.broker = port
    const response = await fetch(url)
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { ok: false, error: { message: expect.stringContaining('broker'), retryable: true } },
    ])
    const socket = new WebSocket((await open({ relay: port })).url.replace('http', 'ws'))
    await new Promise((resolve) => socket.on('error', resolve))
  })

  test('passes a body on as it comes', async () => {
    const echo = createServer((incoming, outgoing) => incoming.pipe(outgoing))
    const { url } = await open({ broker: await listening(echo) })
    const text = 'x'.repeat(300_000)
    expect(await (await fetch(`${url}/api`, { method: 'POST', body: text })).text()).toBe(text)
  })

  test('lets the part go when the caller leaves', async () => {
    let left = false
    const slow = createServer((incoming, outgoing) => {
      outgoing.write('begin')
      incoming.socket.on('close', () => {
        left = true
      })
    })
    const { url } = await open({ broker: await listening(slow) })
    const call = request(url, (response) => response.once('data', () => call.destroy()))
    call.on('error', () => undefined)
    call.end()
    await until('the part is let go', () => left)
  })
})

describe('a child', () => {
  const child = (script: string, runtime: Partial<ChildDeps> = {}) => {
    const base = tempDirectory()
    const file = join(base, 'program.mjs')
    writeFileSync(file, script)
    const lines: ProgramLine[] = []
    const texts: string[] = []
    const it = new Child({
      name: 'program',
      node: process.execPath,
      script: file,
      env: () => ({ BASE: base }),
      clock,
      onLine: (line) => lines.push(line),
      onText: (text) => texts.push(text),
      ...runtime,
    })
    onTestFinished(() => it.stop())
    return { it, lines, texts }
  }
  const say = (line: object) => `console.log(${JSON.stringify(JSON.stringify(line))})`

  test('has started when it says that it listens', async () => {
    const { it } = child(`${say({ event: 'program.listening', port: 7 })}; setInterval(() => {}, 1000)`)
    expect(await it.start()).toMatchObject({ port: 7 })
  })

  test('that crashes is started again, and what it printed is passed on', async () => {
    const { it, lines, texts } = child(`
      import { appendFileSync, readFileSync } from 'node:fs'
      appendFileSync(process.env.BASE + '/starts', '.')
      ${say({ event: 'program.listening' })}
      if (readFileSync(process.env.BASE + '/starts', 'utf8').length < 3) setTimeout(() => { console.error('dying'); process.exit(1) }, 20)
      else setInterval(() => {}, 1000)`)
    await it.start()
    await until('the third start', () => lines.filter(({ event }) => event === 'program.listening').length === 3)
    expect(lines.filter(({ event }) => event === 'supervisor.restart')).toHaveLength(2)
    expect(texts).toEqual(['dying', 'dying'])
  })

  test('whose settings are wrong is not tried again: its own words are the reason', async () => {
    const { it, lines } = child(`${say({ event: 'program.failed', message: 'PORT is wrong' })}; process.exitCode = 78`)
    await expect(it.start()).rejects.toMatchObject({ message: 'PORT is wrong' })
    expect(lines.some(({ event }) => event === 'supervisor.restart')).toBe(false)
  })

  test('that does not get so far as to listen is run by something else, where there is something else', async () => {
    const script = `
      if (process.execArgv.length > 0) process.exit(132)
      ${say({ event: 'program.listening' })}
      setInterval(() => {}, 1000)`
    const { it, lines } = child(script, { args: ['--no-warnings'], fallback: process.execPath })
    await it.start()
    expect(lines.map(({ event }) => event)).toEqual(['supervisor.restart', 'program.listening'])
  })

  test('ends with the tree and is not started again', async () => {
    const { it, lines } = child(`${say({ event: 'program.listening' })}; setInterval(() => {}, 1000)`)
    await it.start()
    await it.stop()
    await clock.sleep(400)
    expect(lines.some(({ event }) => event === 'supervisor.restart')).toBe(false)
  })
})

describe('the screen', () => {
  const facts = {
    url: 'http://localhost:8080',
    model: 'Offline model',
    offline: true,
    driver: 'process',
    guarantees: [],
    gaps: ['can read every file that you can read', 'memory and CPU time are not limited'],
    data: '/data',
    openclaw: '1, installed',
  }

  test('tells where to go, what answers, what keeps gateways apart and what does not, and how to stop', () => {
    const text = screen(facts)
    for (const word of [
      'http://localhost:8080',
      'ws://localhost:8080',
      'Offline model',
      'keeps nothing apart',
      'a gateway can read every file',
      'not isolated: memory',
      '/data',
      'Ctrl+C',
      'OPENAI_API_KEY',
    ])
      expect(text).toContain(word)
    expect(screen({ ...facts, offline: false })).not.toContain('OPENAI_API_KEY')
  })

  test.each([
    { line: { event: 'openclaw.progress', progress: 0.42 }, words: '42 %' },
    {
      line: { event: 'supervisor.restart', program: 'relay', code: null, signal: 'SIGKILL' },
      words: 'relay ended (SIGKILL)',
    },
    { line: { event: 'instance.ready', id: 'x', ms: 12_345 }, words: '12.3 s' },
    { line: { event: 'connection.end' }, words: undefined },
    { line: { event: 'toString' }, words: undefined },
  ])('makes a sentence of $line.event where it is news', ({ line, words }) => {
    const sentence = sentenceOf(line)
    if (words === undefined) expect(sentence).toBeUndefined()
    else expect(sentence).toContain(words)
  })

  test('says how OpenClaw’s files stand', () => {
    expect(describeRuntime({ version: '1', state: 'installing', progress: 0.5 })).toContain('50 %')
    expect(describeRuntime({ version: '1', state: 'failed', progress: 0, reason: 'no network' })).toContain(
      'no network',
    )
  })
})
