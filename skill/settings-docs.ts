import { explainSettings, type Settings } from '#nips/kit/settings'
import type { Program } from './collect.ts'
import { paddedTable } from './markdown.ts'

const NOTE = 'Written by `npm run docs` from the tables the programs read.'

/** docs/settings.md: every variable of every program. */
export function settingsPage(programs: readonly Program[]): string {
  const sections = programs.flatMap(({ name, about, settings }) => [
    `## ${name}`,
    about,
    paddedTable([['Variable', 'Default', 'What it is'], ...variables(settings).map(cells)]),
  ])
  return `${[...PAGE_HEAD, ...sections].join('\n\n')}\n`
}

const PAGE_HEAD = [
  '# Settings',
  `${NOTE} All of them are environment variables, and none is required.`,
  '`npm start` hands them on to relay, broker and worker, but decides their addresses, files and keys itself: variables for these take effect only when a program is started alone.',
]

type Variable = { readonly env: string; readonly value: string; readonly doc: string; readonly secret: boolean }

const cells = ({ env, value, doc, secret }: Variable): string[] => [
  `\`${env}\``,
  value === '' ? '' : `\`${value}\``,
  secret ? `${doc} (secret: never shown or logged)` : doc,
]

/** Name, default and purpose as `doctor` tells them, for an environment in which nothing is set. */
const variables = (settings: Settings): Variable[] =>
  Object.values(settings).flatMap((row) =>
    explainSettings({ row }, {}).map(({ env, value, doc }) => ({ env, value, doc, secret: row.secret === true })),
  )

/** .env.example: every variable once, with its default, commented out. */
export function envExample(programs: readonly Program[]): string {
  const uses = programs.flatMap(({ name, settings }) => variables(settings).map((row) => ({ ...row, name })))
  const names = [...new Set(uses.map(({ env }) => env))]
  return `${[ENV_HEAD, ...names.map((env) => envBlock(uses.filter((use) => use.env === env)))].join('\n\n')}\n`
}

type Use = Variable & { readonly name: string }

/** One variable: what it is to each program, and its default if they agree on it. */
function envBlock(uses: readonly Use[]): string {
  const defaults = new Set(uses.map(({ value }) => value))
  const differs = ({ value }: Use) => (defaults.size > 1 && value !== '' ? ` (default ${value})` : '')
  const [first = { env: '', value: '' }] = uses
  const line = `#${first.env}=${defaults.size > 1 ? '' : quoted(first.value)}`
  return [...uses.map((use) => `# ${use.name}: ${use.doc}${differs(use)}`), line].join('\n')
}

const ENV_HEAD = `# ${NOTE.replaceAll('`', '')} None is required.
# Nothing reads this file by itself. Copy what you need to .env, without the first #, and start with:
#   set -a; . ./.env; set +a; npm start`

/** As a shell reads it. */
const quoted = (value: string): string => (/^[\w./:,@-]*$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`)
