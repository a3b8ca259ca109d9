import { Scanner } from './scanner.ts'

/** A value and the line it begins on, from 1. */
export type Located = { readonly value: ConfigValue; readonly line: number }
export type ConfigValue = string | number | boolean | null | readonly Located[] | ConfigObject
export type ConfigObject = ReadonlyMap<string, Located>
type Members = Map<string, Located>

const literals: Record<string, true | false | null> = { true: true, false: false, null: null }

/**
 * Reads a config file as strfry writes them: taoCONFIG with nested blocks, dotted names, JSON values, optional commas
 * and comments. Its sums, references, functions and includes are refused by name. Throws `invalid` with the line.
 */
export function parseConfig(text: string): ConfigObject {
  const scanner = new Scanner(text)
  const root: Members = new Map()
  scanner.skip()
  const end = scanner.take('{') ? '}' : ''
  readMembers(scanner, root, end)
  scanner.skip()
  if (!scanner.atEnd) scanner.fail('there is something behind the closing brace')
  return root
}

/** Members up to `end`, which is taken; '' stands for the end of the file. */
function readMembers(scanner: Scanner, into: Members, end: '}' | ''): void {
  for (;;) {
    scanner.skip()
    if (end === '' ? scanner.atEnd : scanner.take(end)) return
    if (scanner.atEnd) scanner.fail('a block is not closed')
    readMember(scanner, into)
    scanner.skip()
    scanner.take(',')
  }
}

function readMember(scanner: Scanner, into: Members): void {
  const { line } = scanner
  const names = readNames(scanner)
  scanner.skip()
  if (scanner.next === '+') scanner.fail('"+=" is not supported')
  const merges = !scanner.take('=') && !scanner.take(':')
  scanner.skip()
  if (merges && scanner.next !== '{' && scanner.next !== '[') scanner.fail(`"=" is missing behind ${names.join('.')}`)
  const value = readValue(scanner)
  scanner.skip()
  if (scanner.next === '+') scanner.fail('sums are not supported')
  assign(blockFor(into, names.slice(0, -1), line), names.at(-1) ?? '', { located: { value, line }, merges })
}

function readNames(scanner: Scanner): string[] {
  if (scanner.next === '(') scanner.fail('"(" is not supported: no includes, references or functions')
  const names: string[] = []
  do {
    const quoted = scanner.next === '"' || scanner.next === "'"
    const name = quoted ? scanner.string() : scanner.match(/[A-Za-z_][A-Za-z0-9_]*/y)
    if (name === '' && !quoted) scanner.fail(`a name is expected, not ${JSON.stringify(scanner.next)}`)
    names.push(name)
  } while (scanner.take('.'))
  return names
}

/** The block a dotted name leads to, made where it is not there. */
function blockFor(root: Members, names: readonly string[], line: number): Members {
  let block = root
  for (const name of names) {
    const found = block.get(name)?.value
    const inner: Members = found instanceof Map ? found : new Map()
    block.set(name, { value: inner, line: block.get(name)?.line ?? line })
    block = inner
  }
  return block
}

/** `name {…}` and `name […]` add to what is there already; `name = …` takes its place. */
function assign(block: Members, name: string, { located, merges }: { located: Located; merges: boolean }): void {
  const before = merges ? block.get(name)?.value : undefined
  const { value, line } = located
  if (before instanceof Map && value instanceof Map) block.set(name, { value: new Map([...before, ...value]), line })
  else if (Array.isArray(before) && Array.isArray(value)) block.set(name, { value: [...before, ...value], line })
  else block.set(name, located)
}

function readValue(scanner: Scanner): ConfigValue {
  if (scanner.take('{')) {
    const members: Members = new Map()
    readMembers(scanner, members, '}')
    return members
  }
  if (scanner.take('[')) return readArray(scanner)
  if (scanner.next === '"' || scanner.next === "'") return scanner.string()
  return readWord(scanner)
}

function readArray(scanner: Scanner): Located[] {
  const items: Located[] = []
  for (;;) {
    scanner.skip()
    if (scanner.take(']')) return items
    if (scanner.atEnd) scanner.fail('a list is not closed')
    const { line } = scanner
    items.push({ value: readValue(scanner), line })
    scanner.skip()
    scanner.take(',')
  }
}

function readWord(scanner: Scanner): number | boolean | null {
  const word = scanner.match(/[^\s,;#{}[\]()"'=:]+/y)
  if (Object.hasOwn(literals, word)) return literals[word] ?? null
  if (/^(0x[0-9a-fA-F]+|[+-]?\d+(\.\d+)?([eE][+-]?\d+)?)$/.test(word)) return Number(word)
  return scanner.fail(`a value is expected, not ${word === '' ? JSON.stringify(scanner.next) : word}`)
}

/** A value as JSON knows it. */
export function plainValue(value: ConfigValue): unknown {
  if (value instanceof Map)
    return Object.fromEntries([...(value as ConfigObject)].map(([name, member]) => [name, plainValue(member.value)]))
  if (Array.isArray(value)) return (value as readonly Located[]).map((item) => plainValue(item.value))
  return value
}
