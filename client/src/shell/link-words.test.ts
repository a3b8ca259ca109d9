import { expect, test } from 'vitest'
import type { ServiceView } from '../model.ts'
import { linkWords, offlineText, serviceText } from './link-words.ts'

test.each([
  [{ state: 'connecting', before: false }, 'Relay connecting'],
  [{ state: 'connecting', before: true }, 'Relay reconnecting'],
  [{ state: 'connected', before: true }, 'Relay connected'],
  [{ state: 'offline', before: true }, 'Relay offline'],
] as const)('the link %j is called %s', (link, word) => {
  expect(linkWords(link)).toBe(word)
})

test('the banner counts down to the next try', () => {
  expect(offlineText({ state: 'offline', before: true, tryAt: 108 }, 100)).toMatch(/Next try in 8 s\.$/)
  expect(offlineText({ state: 'offline', before: true, tryAt: 90 }, 100)).toMatch(/Next try in 1 s\.$/)
})

const alive = (openclaw: object, trouble?: string): ServiceView => ({
  state: 'alive',
  health: {
    openclaw: { version: '1', state: 'ready', progress: 1, ...openclaw },
    model: { name: 'm', label: 'l', offline: true },
    driver: { name: 'd', guarantees: [], gaps: [], isolates: true },
    ...(trouble === undefined ? {} : { trouble }),
  },
})

test.each<{ says: string; service: ServiceView; shows: RegExp | undefined }>([
  { says: 'all is well', service: alive({}), shows: undefined },
  { says: 'nothing was heard yet', service: { state: 'unknown' }, shows: undefined },
  { says: 'it is silent', service: { state: 'silent' }, shows: /not answering.*messages are saved/ },
  { says: 'OpenClaw installs', service: alive({ state: 'installing', progress: 0.426 }), shows: /installed \(42 %\)/ },
  { says: 'installing failed', service: alive({ state: 'failed', reason: 'No network.' }), shows: /No network\./ },
  { says: 'it is in trouble', service: alive({}, 'the broker is away'), shows: /the broker is away/ },
])('about the service, when $says', ({ service, shows }) => {
  if (shows === undefined) expect(serviceText(service)).toBeUndefined()
  else expect(serviceText(service)).toMatch(shows)
})
