import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { createServer as createListener } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tempDirectory } from '#tests/support/temp'
import { until } from '#tests/support/wait'
import type { Cell, Driver } from './driver.ts'
import { type Directories, fakeDirectories, fakeSpec } from './testing/fake-spec.ts'

type Answer = { ok: boolean; value: unknown }

/** Asks the fake gateway, through the driver's socket, to try something from inside. */
const ask = (socketPath: string, what: string, given = ''): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const call = request({ socketPath, path: `/${what}?with=${encodeURIComponent(given)}` }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve(JSON.parse(text) as Answer))
    })
    call.once('error', reject)
    call.end()
  })

const answers = (cell: Cell): Promise<Answer> =>
  until('the gateway answers', () => ask(cell.socket, 'env').catch(() => undefined))

const processes = (): string => execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })

/** What every driver does; each also says what it keeps, and what it says has to be true. */
export function driverSuite(driver: Driver): void {
  const start = async (
    extra: Parameters<typeof fakeSpec>[1] = {},
    base = tempDirectory(),
  ): Promise<{ cell: Cell; directories: Directories; base: string }> => {
    const directories = fakeDirectories(base, 'own')
    const model = createServer((_request, response) => response.end('from the broker'))
    await new Promise<void>((resolve) => model.listen(join(directories.sockets, 'model.sock'), resolve))
    const cell = await driver.start(fakeSpec(directories, extra))
    onTestFinished(async () => {
      await cell.stop(0)
      model.close()
    })
    return { cell, directories, base }
  }

  describe(`the ${driver.name} driver`, () => {
    test('starts a gateway that answers through its socket', async () => {
      const { cell } = await start()
      expect((await answers(cell)).ok).toBe(true)
    })

    test('lets the gateway reach the model proxy through its port', async () => {
      const { cell } = await start()
      await answers(cell)
      expect(await ask(cell.socket, 'model', '/')).toEqual({ ok: true, value: 'from the broker' })
    })

    test('gives the gateway the ordered environment and nothing of the broker', async () => {
      const { cell } = await start({ env: { TOKEN: 'only-this', PORT_OF_MODEL: '{{modelPort}}' } })
      const { value } = await answers(cell)
      expect(value).toMatchObject({ TOKEN: 'only-this', PORT_OF_MODEL: expect.stringMatching(/^\d+$/) })
      expect(Object.keys(value as object).filter((name) => /^(npm_|VITEST|NODE_ENV|HOME$)/.test(name))).toEqual([])
    })

    test('shows no token in any process argument', async () => {
      const token = `token-${crypto.randomUUID()}`
      const { cell } = await start({ env: { TOKEN: token } })
      await answers(cell)
      expect(processes()).not.toContain(token)
    })

    test('writes the ordered files for the owner only, with the ports filled in', async () => {
      const { cell, directories } = await start({ files: { 'config.json': '{{gatewayPort}} {{modelPort}}' } })
      await answers(cell)
      const file = join(directories.home, 'config.json')
      expect(readFileSync(file, 'utf8')).toMatch(/^\d+ \d+$/)
      expect(statSync(file).mode & 0o777).toBe(0o600)
    })

    test('leaves no process and no open door after a stop', async () => {
      const { cell, directories } = await start()
      await answers(cell)
      await ask(cell.socket, 'child')
      await cell.stop(2000)
      expect(processes()).not.toContain(directories.runtime)
      expect(processes()).not.toContain('oa-grandchild')
      await expect(ask(cell.socket, 'env')).rejects.toThrow()
    })

    test('kills a gateway that ignores the request to end', async () => {
      const { cell, directories } = await start({ mode: 'stubborn' })
      await answers(cell)
      const began = performance.now()
      await cell.stop(300)
      expect(performance.now() - began).toBeLessThan(3000)
      expect(processes()).not.toContain(directories.runtime)
    })

    test('tells how a gateway ended by itself', async () => {
      const { cell } = await start()
      await answers(cell)
      ask(cell.socket, 'exit', '3').catch(() => undefined)
      expect(await cell.exited).toMatchObject({ code: 3 })
    })

    test('refuses with the reason when the command does not exist', async () => {
      const { cell } = await start({ command: '/nowhere/node' })
      expect(await cell.exited).toMatchObject({ code: 127 })
    })

    test('takes everything along when the broker is killed', async () => {
      const base = tempDirectory()
      const directories = fakeDirectories(base, 'own')
      const maker = fileURLToPath(new URL('./testing/orphan-maker.ts', import.meta.url))
      const path = process.env.PATH ?? ''
      const broker = spawn(process.execPath, [maker, driver.name, JSON.stringify(directories), path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await new Promise((resolve) => broker.stdout.once('data', resolve))
      const socket = join(directories.sockets, 'gateway.sock')
      await until('the gateway answers', () => ask(socket, 'child').catch(() => undefined))
      broker.kill('SIGKILL')
      await until(
        'nothing of it runs',
        () => !processes().includes(directories.sockets) && !processes().includes(directories.runtime),
      )
      await expect(ask(socket, 'env')).rejects.toThrow()
    })

    test('keeps every promise that its probe makes, and none that it does not', async () => {
      const probe = await driver.probe()
      if (!probe.works) throw new Error(`${driver.name} does not work here: ${probe.reason}`)
      const { cell, base } = await start()
      await answers(cell)
      writeFileSync(join(base, 'secret'), 'of the host')
      fakeDirectories(base, 'neighbour')
      writeFileSync(join(base, 'neighbour', 'secret'), 'of another owner')
      const listener = createListener((socket) => socket.destroy())
      const port = await new Promise<number>((resolve) =>
        listener.listen(0, '127.0.0.1', () => resolve((listener.address() as { port: number }).port)),
      )
      onTestFinished(() => void listener.close())
      const held = {
        files: !(await ask(cell.socket, 'read', join(base, 'secret'))).ok,
        neighbours: !(await ask(cell.socket, 'read', join(base, 'neighbour', 'secret'))).ok,
        network: !(await ask(cell.socket, 'dial', String(port))).ok,
        processes: !(await ask(cell.socket, 'read', `/proc/${process.pid}/environ`)).ok,
      }
      for (const [name, isHeld] of Object.entries(held))
        expect([name, probe.keeps.has(name as keyof typeof held)]).toEqual([name, isHeld])
    })
  })
}
