import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { MAX_CHAT_TEXT } from '#nips/jobs/chat'
import { callableJobs } from '#nips/jobs/index'
import { kind, kinds } from '#nips/kinds'
import { faults } from '#nips/kit/fault'
import { roles } from '#nips/service'
import { collect } from './collect.ts'
import { readTexts, staleOf } from './files.ts'
import { PROFILE, render } from './render.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const facts = await collect()
const documents = render(facts, await readTexts(root))
const textOf = (path: string): string => documents.find((document) => document.path === path)?.text ?? ''
const skill = textOf('SKILL.md')
const examples = ['with-nostr-tools.mjs', 'with-ndk.mjs'].map((name) => ({
  name,
  text: readFileSync(new URL(`./examples/${name}`, import.meta.url), 'utf8'),
}))

/** SKILL.md without the programs and the numbers that are no kinds. */
const prose = examples.reduce((rest, { text }) => rest.replace(text.trimEnd(), ''), skill)

describe('the generated documents', () => {
  test('are up to date', async () => expect(await staleOf(documents, root)).toEqual([]))

  test('come out the same every time', async () => {
    expect(render(await collect(), await readTexts(root))).toEqual(documents)
  })

  test.each(documents)('$path names no machine, and no host but this one', ({ text }) => {
    const hosts = [...text.matchAll(/\b(?:https?|wss?):\/\/([^\s/"'`,;)]+)/g)].map(([, host = '']) => host)
    expect(hosts.filter((host) => !/^(?:localhost|127\.0\.0\.1)(?::\d+)?$/.test(host))).toEqual([])
    expect(text).not.toMatch(/(?:^|[\s"'`(=])\/(?:home|root|work|tmp|usr|var|Users|opt)\b/m)
    expect(text).not.toMatch(/\b[a-z0-9-]+\.(?:com|org|net|io|dev|ai|app|example)\b/)
  })

  test('have every variable of every program', () => {
    const names = facts.programs.flatMap(({ settings }) => Object.values(settings).map(({ env }) => env))
    const missing = names.filter(
      (name) => !textOf('docs/settings.md').includes(`\`${name}\``) || !textOf('.env.example').includes(`\n#${name}=`),
    )
    expect(missing).toEqual([])
  })
})

describe('SKILL.md', () => {
  test('is under 10,000 bytes', () => expect(Buffer.byteLength(skill)).toBeLessThan(10_000))

  test('begins with the name and description that agents list it by', () => {
    const [, name = '', description = ''] = /^---\nname: ([a-z0-9-]+)\ndescription: ([^\n]+)\n---\n/.exec(skill) ?? []
    expect(name).toBe('openagents')
    expect(description.length).toBeGreaterThan(40)
    expect(description.length).toBeLessThanOrEqual(1024)
    expect(description).not.toContain(': ')
  })

  test.each(callableJobs.map((job) => ({ name: job.name, job })))('has $name with its kinds and words', ({ job }) => {
    const row = skill.split('\n').find((line) => line.startsWith(`|${job.name}|`)) ?? ''
    expect(row).toContain(`${job.kind}→${job.kind + 1000}`)
    expect(row).toContain(job.summary)
    expect(row).toContain(job.consent)
    expect(row.includes(String(job.kind + 20_000))).toBe(job.streams)
    for (const member of Object.keys(job.input.shape)) expect(row).toContain(`\`${member}\``)
  })

  test('names the jobs that have to be encrypted', () => {
    const names = callableJobs.filter(({ encryption }) => encryption === 'required').map(({ name }) => name)
    expect(skill).toContain(`\`["encrypted"]\`, required for ${names.join(', ')}:`)
  })

  test.each(Object.entries(faults))('tells what to do about %s', (code, { retry, fix }) => {
    expect(skill).toContain(`|${code}|${retry ? 'yes' : 'no'}|${fix}|`)
  })

  test.each(examples)('has $name as it is', ({ text }) =>
    expect(skill).toContain(`\n\`\`\`js\n${text.trimEnd()}\n\`\`\`\n`),
  )

  test('lists no kind that the table of kinds does not know', () => {
    const limits = new Set(Object.values(facts.limits))
    const notKinds = new Set([1000, 20_000, MAX_CHAT_TEXT, 8785])
    const numbers = [...prose.matchAll(/(?<![\w.-])\d{4,5}(?![\w.])/g)].map(([digits]) => Number(digits))
    const unknown = numbers
      .filter((number) => !limits.has(number) && !notKinds.has(number))
      .filter((number) => !kinds.some(({ first, last }) => number >= first && number <= last))
    expect(numbers).toContain(kind.decision)
    expect(unknown).toEqual([])
  })
})

describe('the profile', () => {
  const profile = textOf(PROFILE)

  test.each(kinds)('has a row for kind $first', ({ first, last, name }) => {
    expect(profile).toMatch(new RegExp(`\\| ${first === last ? first : `${first}-${last}`} +\\| ${name} +\\|`))
  })

  test.each(callableJobs)('tells of $name whether it is encrypted and whether its request stays', (job) => {
    const stays = job.passing ? 'no' : 'yes'
    expect(profile).toMatch(
      new RegExp(`\\| \`${job.name}\` +\\| ${job.kind}, [^|]*\\| ${job.encryption} +\\| ${stays} +\\|`),
    )
  })

  test('names every role of a deployment', () => {
    for (const role of roles) expect(profile).toContain(`\`${role}\``)
  })

  test('says plainly where NIP-90 stands', () => expect(profile).toContain('`unrecommended`'))
})
