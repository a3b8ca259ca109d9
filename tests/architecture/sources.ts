import { globSync, readFileSync } from 'node:fs'
import { posix, sep } from 'node:path'

const ignored = /(^|\/)(node_modules|dist|data)(\/|$)/

const plain = (path: string): string => path.split(sep).join('/')

/** Paths from the root of the repository, with `/` on every system. */
export const filesLike = (pattern: string | string[]): string[] =>
  globSync(pattern, { exclude: (path) => ignored.test(plain(path)) })
    .map(plain)
    .filter((path) => !ignored.test(path))
    .toSorted()

export const read = (file: string): string => readFileSync(file, 'utf8')

/** The specifiers of static, side-effect and dynamic imports, of re-exports and of `require`. */
export const importsIn = (source: string): string[] =>
  [...source.matchAll(/\b(?:from|import|require)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, specifier]) => specifier ?? '')

/** Where a relative specifier leads. */
export const resolved = (specifier: string, file: string): string => posix.join(posix.dirname(file), specifier)
