import { describe, expect, test } from 'vitest'
import { readSettings } from '#nips/kit/settings'
import { settings } from '../settings.ts'
import { type KeyFacts, strfryKeys } from './keys.ts'
import { findConf } from './load.ts'
import { readConf, readSets } from './read.ts'
import type { Row } from './row.ts'

const rows: Row<unknown>[] = Object.values(settings)
const keys: [string, KeyFacts][] = Object.entries(strfryKeys)

describe('the table of strfry keys', () => {
  test('names for each a setting of ours or why there is none, never both', () => {
    const claimed = rows.flatMap(({ strfry }) => strfry ?? [])
    expect(claimed.toSorted()).toEqual(
      keys.flatMap(([key, { without }]) => (without === undefined ? key : [])).toSorted(),
    )
  })

  test('says why wherever our default is another one, and only there', () => {
    const other = keys.flatMap(([key, facts]) => {
      const row = rows.find(({ strfry }) => strfry === key)
      return row && String(row.default) !== String(facts.default) ? key : []
    })
    expect(keys.flatMap(([key, { differs }]) => (differs === undefined ? [] : key)).toSorted()).toEqual(
      other.toSorted(),
    )
  })

  test('lets change while it runs what strfry does, but for the header of a proxy', () => {
    const fixed = rows.flatMap(({ strfry, reload }) => (strfry && !reload ? strfry : []))
    expect(fixed.toSorted()).toEqual([
      'db',
      'relay.bind',
      'relay.compression.enabled',
      'relay.maxWebsocketPayloadSize',
      'relay.port',
      'relay.realIpHeader',
    ])
  })
})

describe('strfry.conf', () => {
  test('sets our variables', () => {
    const { env, unsupported, unknown } = readConf(
      `db = "/var/strfry/"
       events { maxNumTags = 5 }
       relay {
         bind = "0.0.0.0" port = 0
         auth { serviceUrl = "wss://relay.example" }
         info { name = "mine" contact = "" pubkey = "npub180cvv07tjdrrgpa0j7j7tmnyl2yr6yr7l8j4s3evf6u64th6gkwsyjh6w6" }
         maxPendingOutboundBytes = 0
         logging { invalidEvents = true }
       }`,
      settings,
    )
    expect([unsupported, unknown]).toEqual([[], []])
    expect(readSettings(settings, env)).toMatchObject({
      db: '/var/strfry/relay.db',
      maxTags: 5,
      host: '0.0.0.0',
      port: 0,
      urls: ['wss://relay.example'],
      name: 'mine',
      contact: '',
      admin: '3bf0c63fcb93463407af97a5e5ee64fa883d107ef9e558472c4eb9aaaefa459d',
      maxPending: Number.MAX_SAFE_INTEGER,
      invalidEvents: true,
    })
  })

  test('may name the file itself', () => {
    expect(readConf('db = "/x/events.sqlite"', settings).env).toEqual({ RELAY_DB: '/x/events.sqlite' })
  })

  test('tells what it says that we do not follow, unless it is what strfry does anyway', () => {
    const { unsupported, unknown } = readConf(
      'relay {\n numThreads { ingester = 3\n reqWorker = 8 }\n nonsense = 1\n}\nmore { x = 1 }\n',
      settings,
    )
    expect(unsupported).toEqual([expect.stringMatching(/^relay\.numThreads\.reqWorker \(line 3\): threads /)])
    expect(unknown).toEqual(['relay.nonsense (line 4)', 'more.x (line 6)'])
  })

  test('says of every key that cannot be used where it stands and why', () => {
    const text =
      'relay {\n port = "7777"\n maxFilterLimit = -1\n auth { enabled = 1 serviceUrl = "relay.example" }\n bind { }\n}'
    expect(() => readConf(text, settings)).toThrow(
      /^relay\.port \(line 2\) has to be a whole number; relay\.maxFilterLimit \(line 3\) has to be a whole number; relay\.auth\.enabled \(line 4\) has to be true or false; relay\.auth\.serviceUrl \(line 4\) must be ws:\/\/.*; relay\.bind \(line 5\) has to be a string$/,
    )
  })

  test('does not take a key of somebody else for one', () => {
    const text = 'relay.info.pubkey = "npub180cvv07tjdrrgpa0j7j7tmnyl2yr6yr7l8j4s3evf6u64th6gkwsyjh6w7"'
    expect(() => readConf(text, settings)).toThrow(/^relay\.info\.pubkey \(line 1\) must be an npub/)
  })
})

describe('--set', () => {
  test.each([
    { entry: 'relay.port=9', env: { RELAY_PORT: '9' } },
    { entry: 'relay__info__name=a=b', env: { RELAY_NAME: 'a=b' } },
    { entry: 'relay.logging.dumpInAll=YES', env: { RELAY_LOG_ALL: 'true' } },
  ])('$entry sets one value', ({ entry, env }) => {
    expect(readSets([entry], settings).env).toEqual(env)
  })

  test.each([
    { entry: 'relay.port', says: /key=value is expected/ },
    { entry: 'relay.prot=1', says: /no key "relay.prot"/ },
    { entry: 'relay.port=x', says: /relay\.port \(--set\) has to be a whole number/ },
    { entry: 'relay.logging.dumpInAll=perhaps', says: /has to be true or false/ },
  ])('$entry is refused', ({ entry, says }) => {
    expect(() => readSets([entry], settings)).toThrow(says)
  })
})

describe('the file that is read', () => {
  test.each([
    {
      says: 'is the one that is named',
      named: 'a.conf',
      env: { STRFRY_CONFIG: 'b.conf' },
      there: ['./strfry.conf'],
      is: 'a.conf',
    },
    {
      says: 'else the one of the environment',
      env: { STRFRY_CONFIG: 'b.conf' },
      there: ['./strfry.conf'],
      is: 'b.conf',
    },
    { says: "else the machine's", env: {}, there: ['./strfry.conf', '/etc/strfry.conf'], is: '/etc/strfry.conf' },
    { says: "else this folder's", env: {}, there: ['./strfry.conf'], is: './strfry.conf' },
    { says: 'else none', env: {}, there: [], is: undefined },
  ])('$says', ({ named, env, there, is }) => {
    expect(findConf(named, env, (file) => (there as string[]).includes(file))).toBe(is)
  })
})
