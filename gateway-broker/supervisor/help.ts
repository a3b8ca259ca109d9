import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Explained, explainSettings } from '#nips/kit/settings'
import { settings } from './settings.ts'

const run = promisify(execFile)

/** The programs of the tree and what each is for; each tells its own settings. */
const programs = [
  { name: 'relay', script: 'relay/main.ts', about: 'the Nostr relay' },
  { name: 'broker', script: 'gateway-broker/main.ts', about: 'gateways, sandboxes, models, the page' },
  { name: 'worker', script: 'dvm-workers/main.ts', about: 'jobs' },
] as const

type Env = Record<string, string | undefined>

/** Variables that `npm start` sets for the programs itself. */
export const given: ReadonlySet<string> = new Set([
  ...['RELAY_HOST', 'RELAY_PORT', 'RELAY_DB', 'RELAY_KEY', 'RELAY_URL', 'RELAY_PUBLIC_URL', 'RELAY_REAL_IP_HEADER'],
  ...['BROKER_HOST', 'BROKER_PORT', 'BROKER_URL', 'DEPLOYMENT', 'OPERATOR', 'SERVICE_KEY', 'WORKER_DB'],
])

/** Every setting of the whole tree that a person may set, by program. */
export async function allSettings({
  root,
  node,
  env,
}: {
  root: string
  node: string
  env: Env
}): Promise<{ about: string; rows: Explained[] }[]> {
  const own = { about: 'npm start', rows: explainSettings(settings, env) }
  const seen = new Set(own.rows.map((row) => row.env))
  const others = await Promise.all(
    programs.map(async ({ script, about }) => {
      const { stdout } = await run(node, [join(root, script), '--settings'], { env: env as NodeJS.ProcessEnv })
      return { about, rows: JSON.parse(stdout) as Explained[] }
    }),
  )
  const settable = others.map(({ about, rows }) => ({
    about,
    rows: rows.filter((row) => !given.has(row.env) && !seen.has(row.env)),
  }))
  return [own, ...settable].filter(({ rows }) => rows.length > 0)
}

/** What `npm start -- --help` prints. */
export function helpText(tables: { about: string; rows: Explained[] }[]): string {
  const width = Math.max(...tables.flatMap(({ rows }) => rows.map((row) => row.env.length)))
  const line = (row: Explained) =>
    `  ${row.env.padEnd(width)}  ${row.doc}${row.value === '' || row.source !== 'default' ? '' : ` (${row.value})`}`
  return [
    'npm start            starts OpenAgents: relay, broker, worker and page',
    'npm run doctor       checks everything and says what to do',
    'npm test             runs every test',
    '',
    'Settings are environment variables; none is needed. Example: PORT=8090 npm start',
    ...tables.flatMap(({ about, rows }) => ['', `${about}:`, ...rows.map(line)]),
    '',
  ].join('\n')
}
