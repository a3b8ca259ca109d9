import { join } from 'node:path'
import type { Secret } from '#nips/kit/log'
import type { CellOrder, Inside } from '../sandbox/driver.ts'

/** What one start of a gateway is given. Both tokens are new at every start and are stored nowhere. */
export type GatewayStart = { gatewayToken: Secret; modelToken: Secret; model: string }

const PROVIDER = 'openagents'

/**
 * The order for `cell.ts`: OpenClaw as its operator wants it. Its only provider is the broker's model proxy,
 * it calls nobody by itself, it shows no web interface, and it runs no command (openclaw.md §12).
 */
export function gatewayOrder(inside: Inside, start: GatewayStart): CellOrder {
  const state = join(inside.home, 'state')
  const config = join(state, 'openclaw.json')
  return {
    command: inside.node,
    // SIGUSR1 would open Node's inspector to everybody on the loopback.
    args: [
      '--disable-sigusr1',
      join(inside.runtime, 'node_modules/openclaw/openclaw.mjs'),
      'gateway',
      '--port',
      '{{gatewayPort}}',
    ],
    env: {
      PATH: '/opt/node/bin:/usr/local/bin:/usr/bin:/bin',
      HOME: inside.home,
      TMPDIR: join(inside.home, 'tmp'),
      OPENCLAW_HOME: inside.home,
      OPENCLAW_STATE_DIR: state,
      OPENCLAW_CONFIG_PATH: config,
      OPENCLAW_GATEWAY_TOKEN: start.gatewayToken.reveal(),
      OPENCLAW_NO_RESPAWN: '1',
      OPENCLAW_DISABLE_BONJOUR: '1',
      OPENCLAW_EXEC_SHELL_SNAPSHOT: '0',
      OPENCLAW_OFFLINE: '1',
      OPENCLAW_NO_AUTO_UPDATE: '1',
    },
    cwd: inside.home,
    log: join(inside.home, 'gateway.log'),
    files: { [config]: JSON.stringify(openclawConfig(inside, start), null, 2) },
  }
}

function openclawConfig(inside: Inside, { modelToken, model }: GatewayStart) {
  return {
    gateway: { mode: 'local', bind: 'loopback', auth: { mode: 'token' }, controlUi: { enabled: false } },
    agents: {
      defaults: {
        model: { primary: `${PROVIDER}/${model}` },
        skipBootstrap: true,
        workspace: join(inside.home, 'workspace'),
        heartbeat: { every: '0m' },
      },
    },
    session: { dmScope: 'per-channel-peer' },
    tools: { exec: { mode: 'deny' }, elevated: { enabled: false }, fs: { workspaceOnly: true } },
    models: {
      mode: 'replace',
      catalogRefresh: { enabled: false },
      providers: { [PROVIDER]: modelProvider(modelToken, model) },
    },
    logging: { file: join(inside.home, 'openclaw.log') },
    update: { checkOnStart: false },
  }
}

const modelProvider = (token: Secret, model: string) => ({
  baseUrl: 'http://127.0.0.1:{{modelPort}}/v1',
  apiKey: token.reveal(),
  api: 'openai-completions',
  models: [
    {
      id: model,
      name: model,
      reasoning: false,
      input: ['text'],
      cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      contextWindow: 128_000,
      maxTokens: 4096,
    },
  ],
})
