import type { ProgramLine } from './child.ts'

const bold = (text: string) => `\u001b[1m${text}\u001b[0m`
const dim = (text: string) => `\u001b[2m${text}\u001b[0m`

export type Facts = {
  url: string
  model: string
  offline: boolean
  driver: string
  guarantees: string[]
  gaps: string[]
  data: string
  /** What OpenClaw's files are doing. */
  openclaw: string
}

/** The one screen that tells where everything is. */
export const screen = ({ url, model, offline, driver, guarantees, gaps, data, openclaw }: Facts): string =>
  [
    '',
    `  ${bold('OpenAgents is running')}`,
    '',
    `  Open      ${bold(url)}`,
    `  Relay     ${url.replace(/^http/, 'ws')}  ${dim('(any Nostr client)')}`,
    `  Agents    ${url}/SKILL.md`,
    '',
    `  Model     ${model}${offline ? dim('  built in, no AI behind it: set OPENAI_API_KEY, MODEL_BASE_URL, or start Ollama or LM Studio') : ''}`,
    `  OpenClaw  ${openclaw}`,
    `  Sandbox   ${driver}: ${guarantees.length > 0 ? `a gateway ${guarantees.join(', ')}` : 'keeps nothing apart'}`,
    ...gaps.map(
      (gap) =>
        `            ${dim(`not isolated: ${gap.startsWith('can') || gap.startsWith('sees') || gap.startsWith('may') ? `a gateway ${gap}` : gap}`)}`,
    ),
    `  Data      ${data}`,
    '',
    `  Stop      Ctrl+C    ${dim('Check everything: npm run doctor    Settings: npm start -- --help')}`,
    '',
  ].join('\n')

const percent = (progress: unknown): string => `${Math.round(Number(progress) * 100)} %`

/** Which log lines are news for people, and how they read. Everything is in the log files. */
const news: Record<string, (line: ProgramLine) => string> = {
  'openclaw.progress': ({ progress }) => `Installing OpenClaw: ${percent(progress)}`,
  'openclaw.installed': ({ version, ms }) => `OpenClaw ${version} is installed (${Math.round(Number(ms) / 1000)} s)`,
  'openclaw.failed': ({ reason }) => `OpenClaw could not be installed: ${reason}`,
  'instance.ready': ({ id, ms }) => `Gateway ${id} is ready (${(Number(ms) / 1000).toFixed(1)} s)`,
  'instance.lost': ({ id, reason }) => `Gateway ${id} went away: ${reason}. It is started again.`,
  'instance.restart': ({ id, reason }) => `Gateway ${id} did not start: ${reason}. It is tried again.`,
  'supervisor.restart': ({ program, code, signal }) =>
    `The ${program} ended (${signal ?? `exit ${code}`}) and is started again`,
  'relay.failed': ({ message, fix }) => `The relay cannot start: ${message}. ${fix ?? ''}`,
  'broker.failed': ({ message, fix }) => `The broker cannot start: ${message}. ${fix ?? ''}`,
  'worker.failed': ({ message, fix }) => `The worker cannot start: ${message}. ${fix ?? ''}`,
}

/** A log line as a sentence, or nothing when it is no news. */
export const sentenceOf = (line: ProgramLine): string | undefined =>
  Object.hasOwn(news, line.event) ? news[line.event]?.(line) : undefined

/** How OpenClaw's files stand, in words. */
export function describeRuntime({
  version,
  state,
  progress,
  reason,
}: {
  version: string
  state: string
  progress: number
  reason?: string | undefined
}): string {
  const words: Record<string, string> = {
    ready: `${version}, installed`,
    installing: `${version} is being installed (${percent(progress)}); the page can be used meanwhile`,
    missing: `${version} will be installed now; the page can be used meanwhile`,
    failed: `${version} is not installed: ${reason ?? 'the installer failed'}`,
  }
  return words[state] ?? state
}
