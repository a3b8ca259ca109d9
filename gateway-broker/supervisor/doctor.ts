import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { delimiter, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Clock } from '#nips/kit/clock'
import { toFault } from '#nips/kit/fault'
import { readSettings, type Values } from '#nips/kit/settings'
import { chooseProvider } from '../models/providers.ts'
import { isInstalled, pinnedVersion } from '../openclaw/install.ts'
import { describeGuarantees, drivers } from '../sandbox/index.ts'
import { settings as brokerSettings } from '../settings.ts'
import { allSettings } from './help.ts'
import { settings } from './settings.ts'

const run = promisify(execFile)

/** One thing that was looked at. `bad` stops OpenAgents, `note` only limits it. */
export type Finding = { state: 'ok' | 'note' | 'bad'; what: string; fix?: string }

export type DoctorDeps = { root: string; node: string; env: Record<string, string | undefined>; clock: Clock }

/** Every setting with its source, and every probe with what to do about it. */
export async function examine(deps: DoctorDeps): Promise<Finding[]> {
  const problems = await settingFindings(deps)
  if (problems.some(({ state }) => state === 'bad')) return problems
  const values = { ...readSettings(settings, deps.env), broker: readSettings(brokerSettings, deps.env) }
  const found = await Promise.all([
    tools(deps),
    dataDirectory(resolve(values.data)),
    portIsFree(values),
    openclaw(values.broker),
    sandboxes(deps),
    models(values.broker, deps),
  ])
  return [...problems, ...found.flat()]
}

async function settingFindings(deps: DoctorDeps): Promise<Finding[]> {
  const rows = (await allSettings(deps)).flatMap((table) => table.rows)
  return rows
    .filter((row) => row.source === 'environment')
    .map(
      ({ env, value, problem }): Finding =>
        problem === undefined
          ? { state: 'ok', what: `${env} is ${value} (from the environment)` }
          : { state: 'bad', what: `${env} is ${value}: ${problem}`, fix: `Correct ${env}, or unset it.` },
    )
}

async function tools({ root, env }: DoctorDeps): Promise<Finding[]> {
  const path = [join(root, 'node_modules/.bin'), env.PATH].join(delimiter)
  const bun = await run('bun', ['--version'], { env: { PATH: path } }).catch(() => undefined)
  return [
    { state: 'ok', what: `Node ${process.versions.node}` },
    bun
      ? { state: 'ok', what: `Bun ${bun.stdout.trim()}` }
      : { state: 'bad', what: 'Bun is missing', fix: 'Run npm start once; it installs Bun.' },
  ]
}

async function dataDirectory(data: string): Promise<Finding[]> {
  let existing = data
  while (!existsSync(existing)) existing = dirname(existing)
  try {
    accessSync(existing, constants.W_OK)
  } catch {
    return [{ state: 'bad', what: `${data} cannot be written`, fix: 'Set DATA_DIR to a directory you may write.' }]
  }
  const { bavail, bsize } = await statfs(existing)
  const free = (bavail * bsize) / 1e9
  const what = `${data} is writable, ${free.toFixed(1)} GB free`
  return [
    free < 2 ? { state: 'note', what, fix: 'OpenClaw needs 1.4 GB while it is installed.' } : { state: 'ok', what },
  ]
}

function portIsFree({ port, host }: Values<typeof settings>): Promise<Finding[]> {
  return new Promise((resolved) => {
    const server = createServer()
    server.once('error', () =>
      resolved([
        {
          state: 'note',
          what: `port ${port} is in use`,
          fix: 'OpenAgents may be running already; else set PORT to a free one.',
        },
      ]),
    )
    server.listen(port, host, () => server.close(() => resolved([{ state: 'ok', what: `port ${port} is free` }])))
  })
}

async function openclaw({ data, openclaw: own }: Values<typeof brokerSettings>): Promise<Finding[]> {
  const version = await pinnedVersion()
  const installed = isInstalled(join(resolve(own || join(data, 'openclaw')), version))
  return [
    installed
      ? { state: 'ok', what: `OpenClaw ${version} is installed` }
      : {
          state: 'note',
          what: `OpenClaw ${version} is not installed yet`,
          fix: 'npm start installs it (about 650 MB).',
        },
  ]
}

async function sandboxes({ node, env }: DoctorDeps): Promise<Finding[]> {
  const all = drivers({ node, path: env.PATH ?? '' })
  return Promise.all(
    all.map(async (driver): Promise<Finding> => {
      const probe = await driver.probe()
      if (!probe.works)
        return {
          state: 'note',
          what: `sandbox ${driver.name} does not work: ${probe.reason}`,
          fix: fixes[driver.name] ?? '',
        }
      const { guarantees, gaps } = describeGuarantees(probe.keeps)
      return {
        state: 'ok',
        what: `sandbox ${driver.name} works: a gateway ${[...guarantees, ...gaps.map((gap) => `but ${gap}`)].join('; ')}`,
      }
    }),
  )
}

const fixes: Record<string, string> = {
  bwrap:
    'Install bubblewrap (Debian: apt install bubblewrap); on Ubuntu 24.04 and later allow it unprivileged user namespaces.',
}

async function models(values: Values<typeof brokerSettings>, { clock }: DoctorDeps): Promise<Finding[]> {
  try {
    const { provider, why, looked } = await chooseProvider(values, { fetch, clock })
    const others = looked
      .filter(({ found }) => !found)
      .map(({ name, why: reason }): Finding => ({ state: 'ok', what: `model ${name}: ${reason}` }))
    return [
      ...others,
      { state: provider.offline ? 'note' : 'ok', what: `model: ${provider.label}, ${provider.model} (${why})` },
    ]
  } catch (thrown) {
    const { message, fix } = toFault(thrown)
    return [{ state: 'bad', what: `model: ${message}`, fix }]
  }
}

const marks = { ok: '✓', note: '·', bad: '✗' } as const

export const report = (findings: Finding[]): string =>
  findings.map(({ state, what, fix }) => `  ${marks[state]} ${what}${fix ? `\n    → ${fix}` : ''}`).join('\n')
