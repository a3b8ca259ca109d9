import { parseEnv } from 'node:util'
import { expect, test } from 'vitest'
import { setting, text } from '#nips/kit/settings'
import type { Program } from './collect.ts'
import { envExample, settingsPage } from './settings-docs.ts'

const programs: Program[] = [
  {
    name: 'one',
    about: 'The first.',
    given: new Set(),
    settings: {
      name: setting({ env: 'NAME', doc: 'its name', parse: text, default: "it's a | name" }),
      url: setting({ env: 'URL', doc: 'where it is', parse: text, default: '' }),
    },
  },
  {
    name: 'two',
    about: 'The second.',
    given: new Set(['URL']),
    settings: {
      url: setting({ env: 'URL', doc: 'where one is', parse: text, default: 'http://localhost:1' }),
      key: setting<string | undefined>({ env: 'KEY', doc: 'its key', parse: text, secret: true, default: undefined }),
    },
  },
]

test('the page has every variable under its program, with default and purpose', () => {
  const page = settingsPage(programs)
  const [, one = '', two = ''] = page.split('\n## ')
  expect(one).toMatch(/\| `NAME` +\| `it's a \\\| name` +\| its name +\|/)
  expect(one).toMatch(/\| `URL` +\| +\| where it is +\|/)
  expect(two).toMatch(/\| `URL` +\| `http:\/\/localhost:1` +\| where one is \(set by `npm start`\) +\|/)
  expect(two).toMatch(/\| `KEY` +\| +\| its key \(secret: never shown or logged\) +\|/)
})

test('the example has every variable once, says what it is to each program, and sets nothing', () => {
  const example = envExample(programs)
  expect(parseEnv(example)).toEqual({})
  expect(example.match(/^#[A-Z]+=.*$/gm)).toEqual(["#NAME='it'\\''s a | name'", '#URL=', '#KEY='])
  expect(example).toContain(
    '# one: where it is\n# two: where one is (default http://localhost:1)\n# set by npm start: only for programs started alone\n#URL=',
  )
})
