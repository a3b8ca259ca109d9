import { describe, expect, test } from 'vitest'
import { filesLike, importsIn, read, resolved } from './sources.ts'

/** Which part may import which; a name is added only with a reason in the commit. */
const mayImport: Record<string, readonly string[]> = {
  nips: [],
  relay: ['nips'],
  'gateway-broker': ['nips'],
  'dvm-workers': ['nips'],
  client: ['nips'],
  skill: [
    'nips',
    'relay/settings',
    'gateway-broker/settings',
    'gateway-broker/supervisor/help',
    'gateway-broker/supervisor/settings',
    'dvm-workers/settings',
  ],
}
const aliases: Record<string, string> = { '#broker': 'gateway-broker', '#workers': 'dvm-workers' }

/** Each package has its doors; everybody else asks whoever stands there. */
const doors: Record<string, RegExp> = {
  hono: /^gateway-broker\//,
  'better-sqlite3': /^(relay\/store\/database|gateway-broker\/store\/sqlite|dvm-workers\/store)\.ts$/,
  '@cloudflare/sandbox': /^gateway-broker\/sandbox\/cloudflare\.ts$/,
  openai: /^gateway-broker\/models\/upstream\.ts$/,
  'solid-js': /^client\//,
  '@solidjs/router': /^client\//,
  ws: /^(relay\/server\/node|gateway-broker\/gateway\/connection)\.ts$/,
  '@noble/secp256k1': /^nips\/keys\.ts$/,
  '@noble/hashes': /^nips\//,
  secp256k1: /^relay\/verify\/recover\.ts$/,
  'tiny-secp256k1': /^relay\/verify\/wasm\.ts$/,
  'playwright-core': /^tests\//,
  '@nostr-dev-kit/ndk': /^(tests|skill\/examples)\//,
}
/** The vocabulary runs in every host, so it asks for nothing that one of them lacks. */
const pure = /^(nostr-tools|@noble\/hashes|@noble\/secp256k1|@scure\/base|zod)(\/|$)/

/** Files that run in tests only: a part may keep some of its own beside its code. */
const isTestCode = (file: string): boolean =>
  /\.(test|suite)\.tsx?$/.test(file) || /(^|\/)(tests|testing|fixtures)\//.test(file)

/** The place in the repository a specifier leads to, without the ending; `undefined` for a package. */
function placeOf(specifier: string, file: string): string | undefined {
  if (specifier.startsWith('.')) return resolved(specifier, file).replace(/\.tsx?$/, '')
  if (!specifier.startsWith('#')) return undefined
  const [head = '', ...rest] = specifier.split('/')
  return [aliases[head] ?? head.slice(1), ...rest].join('/')
}

const partOf = (place: string): string => place.split('/')[0] ?? ''
const isOf = (specifier: string, name: string): boolean => specifier === name || specifier.startsWith(`${name}/`)

/** What is wrong with one import, in words; `undefined` when nothing is. */
function problemOf(specifier: string, file: string): string | undefined {
  const place = placeOf(specifier, file)
  if (place === undefined) return problemOfPackage(specifier, file)
  const [part, target] = [partOf(file), partOf(place)]
  if (part === 'tests') return undefined
  if (isTestCode(`${place}.ts`) && !isTestCode(file)) return 'product code imports test code'
  if (target === part) return specifier.startsWith('.') ? undefined : 'inside a part imports are relative'
  if (specifier.startsWith('.')) return 'a relative import leaves its part'
  if (target === 'tests') return undefined
  return mayImport[part]?.some((name) => isOf(place, name)) ? undefined : `${part} may not import ${target}`
}

function problemOfPackage(specifier: string, file: string): string | undefined {
  const inTests = isTestCode(file)
  const door = Object.keys(doors).find((name) => isOf(specifier, name))
  if (door !== undefined && !inTests && !doors[door]?.test(file)) return `${door} has another door`
  if (file.startsWith('nips/') && !inTests && !pure.test(specifier)) return 'the vocabulary imports no such package'
  return undefined
}

const problemsIn = (part: string): string[] =>
  filesLike(`${part}/**/*.{ts,tsx,mts,js,mjs}`).flatMap((file) =>
    importsIn(read(file)).flatMap((specifier) => {
      const problem = problemOf(specifier, file)
      return problem === undefined ? [] : [`${file}: ${specifier}: ${problem}`]
    }),
  )

test.each([...Object.keys(mayImport), 'tests'])('%s imports only what it may', (part) => {
  expect(problemsIn(part)).toEqual([])
})

test.each(['cell', 'probe-inside'])(
  'sandbox/%s.ts, which runs among strangers, brings nothing of ours along',
  (name) => {
    const imports = importsIn(read(`gateway-broker/sandbox/${name}.ts`))
    expect(imports.length).toBeGreaterThan(0)
    expect(imports.filter((specifier) => !specifier.startsWith('node:'))).toEqual([])
  },
)

describe('the rule', () => {
  test.each([
    { file: 'relay/ingest.ts', specifier: '#broker/app', problem: 'relay may not import gateway-broker' },
    { file: 'client/src/app.tsx', specifier: '#relay/relay', problem: 'client may not import relay' },
    { file: 'nips/event.ts', specifier: '#relay/relay', problem: 'nips may not import relay' },
    { file: 'skill/collect.ts', specifier: '#relay/relay', problem: 'skill may not import relay' },
    { file: 'skill/collect.ts', specifier: '#broker/settings', problem: undefined },
    { file: 'relay/ingest.ts', specifier: '#nips/event', problem: undefined },
    { file: 'relay/ingest.ts', specifier: '#relay/store/plan', problem: 'inside a part imports are relative' },
    { file: 'relay/store/plan.ts', specifier: '../ingest.ts', problem: undefined },
    { file: 'relay/ingest.ts', specifier: '../nips/event.ts', problem: 'a relative import leaves its part' },
    { file: 'relay/ingest.ts', specifier: '#tests/support/clock', problem: 'product code imports test code' },
    { file: 'relay/ingest.ts', specifier: './testing/wire.ts', problem: 'product code imports test code' },
    { file: 'relay/ingest.test.ts', specifier: '#tests/support/clock', problem: undefined },
    { file: 'relay/ingest.test.ts', specifier: '#broker/app', problem: 'relay may not import gateway-broker' },
    { file: 'tests/support/system.ts', specifier: '#broker/app', problem: undefined },
    { file: 'relay/info.ts', specifier: 'hono', problem: 'hono has another door' },
    { file: 'relay/info.ts', specifier: 'hono/body-limit', problem: 'hono has another door' },
    { file: 'gateway-broker/app.ts', specifier: 'hono', problem: undefined },
    { file: 'relay/info.ts', specifier: 'ws', problem: 'ws has another door' },
    { file: 'relay/info.ts', specifier: 'wsx', problem: undefined },
    { file: 'relay/server/node.test.ts', specifier: 'ws', problem: undefined },
    {
      file: 'gateway-broker/sandbox/process.ts',
      specifier: '@noble/secp256k1',
      problem: '@noble/secp256k1 has another door',
    },
    { file: 'client/src/app.tsx', specifier: 'solid-js/web', problem: undefined },
    { file: 'nips/event.ts', specifier: 'node:crypto', problem: 'the vocabulary imports no such package' },
    { file: 'nips/event.test.ts', specifier: 'node:crypto', problem: undefined },
  ])('$specifier in $file: $problem', ({ file, specifier, problem }) => {
    expect(problemOf(specifier, file)).toBe(problem)
  })

  test.each([
    { says: 'a static import', source: "import { a } from 'x'" },
    { says: 'an import over lines', source: "import {\n  a,\n} from 'x'" },
    { says: 'a type', source: 'import type { A } from "x"' },
    { says: 'a side effect', source: "import 'x'" },
    { says: 'a dynamic import', source: "const a = await import( 'x' )" },
    { says: 'a re-export', source: "export * from 'x'" },
    { says: 'a require', source: "const a = require('x')" },
  ])('sees $says', ({ source }) => {
    expect(importsIn(source)).toEqual(['x'])
  })
})
