import { describe, expect, test } from 'vitest'
import { read } from './sources.ts'

const groups = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const
type Manifest = Partial<Record<(typeof groups)[number], Record<string, string>>> & { trustedDependencies?: string[] }

const exact = /^\d+\.\d+\.\d+(-[\w.]+)?$/

/** What we install, and what a broker installs into the data directory. */
const places = [
  { says: 'the repository', folder: '' },
  { says: 'the OpenClaw a gateway runs', folder: 'gateway-broker/openclaw/manifest/' },
]

describe.each(places)('what $says depends on', ({ folder }) => {
  const manifest: Manifest = JSON.parse(read(`${folder}package.json`))
  const lock = read(`${folder}bun.lock`)
  const pins = groups.flatMap((group) => Object.entries(manifest[group] ?? {}))

  test('is pinned to exact versions', () => {
    expect(pins.length).toBeGreaterThan(0)
    expect(pins.filter(([, version]) => !exact.test(version))).toEqual([])
  })

  test('is locked at those versions', () => {
    expect(pins.filter(([name, version]) => !lock.includes(`["${name}@${version}"`))).toEqual([])
  })

  test('comes from whatever registry the installing machine uses: the lock names none', () => {
    expect(lock.match(/\w+:\/\/[^"]*/g)).toBeNull()
  })

  test('runs no script of its own while it is installed, but for Bun', () => {
    expect((manifest.trustedDependencies ?? []).filter((name) => name !== 'bun')).toEqual([])
  })
})

test('npm trusts no install script but the one of Bun', () => {
  const lines = read('.npmrc').split('\n')
  expect(lines.filter((line) => line.startsWith('allow-scripts'))).toEqual(['allow-scripts=bun'])
})
