import { delimiter, join } from 'node:path'
import type { Clock } from '#nips/kit/clock'
import { Child, type ProgramLine } from './child.ts'
import type { Keyring } from './keys.ts'
import type { Runtime } from './runtime.ts'

export type TreeDeps = {
  root: string
  node: string
  /** What the relay runs on. */
  relay: Runtime
  env: Record<string, string | undefined>
  data: string
  publicUrl: string
  /** Further addresses under which the relay is reached. */
  relayUrls: string[]
  keys: Keyring
  clock: Clock
  onLine: (program: string, line: ProgramLine) => void
  onText: (program: string, text: string) => void
}

/** Relay, broker and worker, each as its own process that knows the others by URL and key only. */
export class Tree {
  readonly #deps: TreeDeps
  readonly #relay: Child
  readonly #broker: Child
  readonly #worker: Child
  /** Ports stay what they were at the first start, so that a part that crashed comes back where it was. */
  readonly ports: { relay?: number; broker?: number } = {}

  constructor(deps: TreeDeps) {
    this.#deps = deps
    this.#relay = this.#child('relay', 'relay/main.ts', () => this.#relayEnv())
    this.#broker = this.#child('broker', 'gateway-broker/main.ts', () => this.#brokerEnv())
    this.#worker = this.#child('worker', 'dvm-workers/main.ts', () => this.#workerEnv())
  }

  /** Process ids by program, for `doctor` and for tests. */
  pids(): Record<string, number | undefined> {
    return { relay: this.#relay.pid, broker: this.#broker.pid, worker: this.#worker.pid }
  }

  /** Starts all three; resolves with the broker's first word. Rejects with the `failed` line of whichever cannot start. */
  async start(): Promise<ProgramLine> {
    const [relay, broker] = await Promise.all([this.#relay.start(), this.#broker.start()])
    this.ports.relay = Number(relay.port)
    this.ports.broker = Number(broker.port)
    await this.#worker.start()
    return broker
  }

  /** In the order in which they need each other. */
  async stop(): Promise<void> {
    await this.#worker.stop()
    await this.#broker.stop()
    await this.#relay.stop()
  }

  #child(name: string, script: string, own: () => Record<string, string>): Child {
    const { root, node, relay, env, clock, onLine, onText } = this.#deps
    const path = [join(root, 'node_modules/.bin'), env.PATH].join(delimiter)
    return new Child({
      name,
      ...(name === 'relay' ? { node: relay.command, args: relay.args, fallback: relay.fallback } : { node }),
      script: join(root, script),
      env: () => ({ ...env, PATH: path, ...this.#shared(), ...own() }),
      clock,
      onLine: (line) => onLine(name, line),
      onText: (text) => onText(name, text),
    })
  }

  #shared(): Record<string, string> {
    const { data, publicUrl, relayUrls, keys } = this.#deps
    return {
      DATA_DIR: data,
      PUBLIC_URL: publicUrl,
      RELAY_PUBLIC_URL: [publicUrl.replace(/^http/, 'ws'), ...relayUrls].join(','),
      DEPLOYMENT: keys.deployment,
      OPERATOR: keys.operator,
    }
  }

  #relayEnv(): Record<string, string> {
    const { data, keys } = this.#deps
    return {
      RELAY_HOST: '127.0.0.1',
      RELAY_PORT: String(this.ports.relay ?? 0),
      RELAY_DB: join(data, 'relay.db'),
      RELAY_KEY: keys.file('relay'),
      RELAY_REAL_IP_HEADER: 'x-real-ip',
    }
  }

  #brokerEnv(): Record<string, string> {
    return { BROKER_HOST: '127.0.0.1', BROKER_PORT: String(this.ports.broker ?? 0) }
  }

  #workerEnv(): Record<string, string> {
    const { data, keys } = this.#deps
    return {
      RELAY_URL: `ws://127.0.0.1:${this.ports.relay}`,
      BROKER_URL: `http://127.0.0.1:${this.ports.broker}`,
      SERVICE_KEY: keys.file('service'),
      WORKER_DB: join(data, 'worker.db'),
    }
  }
}
