import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { filesLike, read, resolved } from './sources.ts'

const documents = filesLike(['*.md', 'docs/**/*.md', 'relay/README.md', 'nips/*.md'])
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
const folders = filesLike('*/').map((path) => path.replace(/\/$/, ''))
const names = new Set(filesLike('**/*.*').map((path) => path.split('/').at(-1)))

/** Text in backticks that can only be a file or folder of ours: `nips/kinds.ts`, `relay/`, `kinds.ts`. */
const pathsIn = (text: string): string[] =>
  [...text.matchAll(/`([^`\s]+)`/g)]
    .map(([, token]) => token ?? '')
    .filter((token) => /^(\.\/)?[\w.@*-]+(\/[\w.@*-]*)+$/.test(token) || /^[\w.-]+\.(ts|tsx|mjs|md|toml)$/.test(token))
    .filter((token) => !token.includes('/') || folders.includes(token.replace(/^\.\//, '').split('/')[0] ?? ''))

/** Relative targets of links and pictures outside code, without the part after `#`. */
const linksIn = (text: string): string[] =>
  [...text.replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '').matchAll(/\]\((?!\w+:|#|\/)([^)\s#]+)[^)]*\)/g)].map(
    ([, target]) => target ?? '',
  )

/** Scripts of package.json that are named as `npm run x`, `npm start` or `npm test`. */
const commandsIn = (text: string): string[] =>
  [...text.matchAll(/\bnpm (?:(start|test)\b|run (?:-s |--silent )?([\w:-]+))/g)].map(
    ([, short, long]) => short ?? long ?? '',
  )

const isThere = (path: string): boolean => (path.includes('/') ? filesLike(path).length > 0 : names.has(path))

describe.each(documents)('%s', (document) => {
  const text = read(document)

  test('names only files that exist', () => {
    expect(pathsIn(text).filter((path) => !isThere(path))).toEqual([])
  })

  test('links only to what exists', () => {
    expect(linksIn(text).filter((target) => !existsSync(resolved(target, document)))).toEqual([])
  })

  test('names only commands that exist', () => {
    expect(commandsIn(text).filter((name) => scripts[name] === undefined)).toEqual([])
  })
})

describe('what counts', () => {
  test('as a path is what looks like one of ours', () => {
    const text =
      '`nips/kinds.ts` `relay/` `kinds.ts` `nips/jobs/*.ts` `./skill/main.ts` `/api/jobs` `text/plain` `a b/c` `instance.delete` ' +
      '`wss://relay.example` `nips/jobs/<name>.ts` `openagents/deployment` nips/bare.ts'
    expect(pathsIn(text)).toEqual(['nips/kinds.ts', 'relay/', 'kinds.ts', 'nips/jobs/*.ts', './skill/main.ts'])
  })

  test('as there is a file, a folder, a pattern that finds something, or a name that some file has', () => {
    const named = ['nips/kinds.ts', 'relay/', './nips/kinds.ts', 'nips/jobs/*.ts', 'kinds.ts']
    expect(named.filter(isThere)).toEqual(named)
    expect(['nips/kind.ts', 'nips/none/', 'nips/*.py', 'no-such-file.ts'].filter(isThere)).toEqual([])
  })

  test('as a link is what leads to a file', () => {
    const text =
      '[a](nips/a.md#part) ![b](docs/b.png "title") [c](https://x.example) [d](#here) [e](mailto:x@example) `[f](g.md)`'
    expect(linksIn(text)).toEqual(['nips/a.md', 'docs/b.png'])
  })

  test('as a command is what npm would run', () => {
    const text = 'npm start, `npm start -- --help`, npm run doctor; npm run -s check:docs and npm test. npm install x'
    expect(commandsIn(text)).toEqual(['start', 'start', 'doctor', 'check:docs', 'test'])
  })
})
