import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { usageOf } from './commands/command.ts'
import { commands } from './commands/index.ts'
import { settings } from './settings.ts'
import { type KeyFacts, strfryKeys } from './strfry-conf/keys.ts'
import type { Row } from './strfry-conf/row.ts'

const file = fileURLToPath(new URL('./README.md', import.meta.url))
const rows: Row<unknown>[] = Object.values(settings)

const short = (value: unknown): string => (String(value).length > 40 ? '' : String(value))

/** A table as the formatter leaves it. */
function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const cells = [head, ...lines].map((line) => line.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = head.map((_cell, at) => Math.max(3, ...cells.map((line) => line[at]?.length ?? 0)))
  const drawn = cells.map((line) => `| ${line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`)
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [drawn[0], rule, ...drawn.slice(1)].join('\n')
}

const blocks: Record<string, string> = {
  commands: table(
    ['command', 'what it does'],
    commands.map((command) => [`\`${usageOf(command)}\``, command.doc]),
  ),
  keys: table(
    ['key', 'strfry', 'here', 'note'],
    Object.entries<KeyFacts>(strfryKeys).map(([key, facts]) => {
      const row = rows.find(({ strfry }) => strfry === key)
      const value = row ? `\`${row.env}\` ${facts.differs ? short(row.default) : ''}`.trim() : 'not there'
      return [`\`${key}\``, String(facts.default), value, facts.differs ?? facts.without ?? 'the same']
    }),
  ),
}

/** The README with every block between `<!-- name -->` and `<!-- end of name -->` written anew. */
const renewed = (text: string): string =>
  Object.entries(blocks).reduce((all, [name, block]) => {
    const place = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- end of ${name} -->)`)
    if (!place.test(all)) throw new Error(`the README has no place for ${name}`)
    return all.replace(place, (_all, begin: string, end: string) => `${begin}\n${block}\n\n${end}`)
  }, text)

test('the tables of the README are those of the code; "vitest run relay/readme -u" writes them', async () => {
  await expect(renewed(readFileSync(file, 'utf8'))).toMatchFileSnapshot(file)
})
