import { explainSettings } from '#nips/kit/settings'
import type { Program } from './collect.ts'
import { paddedTable } from './markdown.ts'

const NOTE = 'Written by `npm run docs` from the tables the programs read.'

/** docs/settings.md: every variable of every program. */
export function settingsPage(programs: readonly Program[]): string {
  const sections = programs.flatMap(({ name, about, ...program }) => [
    `## ${name}`,
    about,
    paddedTable([['Variable', 'Default', 'What it is'], ...variables(program).map(cells)]),
  ])
  return `${[...PAGE_HEAD, ...sections].join('\n\n')}\n`
}

const PAGE_HEAD = [
  '# Settings',
  `${NOTE} All of them are environment variables, and none is required.`,
  '`npm start` hands them on to relay, broker and worker, but decides their addresses, files and keys itself: those marked so take effect only when a program is started alone.',
]

type Variable = {
  readonly env: string
  readonly value: string
  readonly doc: string
  readonly secret: boolean
  /** Set by `npm start` itself. */
  readonly given: boolean
}

const cells = ({ env, value, doc, secret, given }: Variable): string[] => [
  `\`${env}\``,
  value === '' ? '' : `\`${value}\``,
  `${doc}${secret ? ' (secret: never shown or logged)' : ''}${given ? ' (set by `npm start`)' : ''}`,
]

/** Name, default and purpose as `doctor` tells them, for an environment in which nothing is set. */
const variables = ({ settings, given }: Pick<Program, 'settings' | 'given'>): Variable[] =>
  Object.values(settings).flatMap((row) =>
    explainSettings({ row }, {}).map(({ env, value, doc }) => ({
      ...{ env, value, doc },
      ...{ secret: row.secret === true, given: given.has(env) },
    })),
  )

/** .env.example: every variable once, with its default, commented out. */
export function envExample(programs: readonly Program[]): string {
  const uses = programs.flatMap((program) => variables(program).map((row) => ({ ...row, name: program.name })))
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
  const given = uses.some((use) => use.given) ? ['# set by npm start: only for programs started alone'] : []
  return [...uses.map((use) => `# ${use.name}: ${use.doc}${differs(use)}`), ...given, line].join('\n')
}

const ENV_HEAD = `# ${NOTE.replaceAll('`', '')} None is required.
# Nothing reads this file by itself. Copy what you need to .env, without the first #, and start with:
#   set -a; . ./.env; set +a; npm start`

/** As a shell reads it. */
const quoted = (value: string): string => (/^[\w./:,@-]*$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`)
