import { Fault } from '#nips/kit/fault'

/** A Markdown table with as few bytes as it takes. */
export const table = (rows: readonly (readonly string[])[]): string => lines(rows, (cell) => cell)

/** A Markdown table whose columns are padded, as the formatter writes them. */
export function paddedTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(escapeCell))
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)))
  return lines(rows, (cell, column) => ` ${cell.padEnd(widths[column] ?? 0, cell === RULE ? '-' : ' ')} `)
}

/** A cell of the line under the head. */
const RULE = '---'

function lines(rows: readonly (readonly string[])[], show: (cell: string, column: number) => string): string {
  const [head = [], ...body] = rows.map((row) => row.map(escapeCell))
  return [head, head.map(() => RULE), ...body].map((row) => `|${row.map(show).join('|')}|`).join('\n')
}

const escapeCell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** Puts a value into every `{{hole}}`. Throws `invalid` for a hole without a value and for a value without a hole. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  const used = new Set<string>()
  const text = template.replaceAll(/\{\{([^{}]+)\}\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Fault('invalid', `there is nothing to put into {{${name}}}`)
    used.add(name)
    return value
  })
  const unused = Object.keys(values).filter((name) => !used.has(name))
  if (unused.length > 0) throw new Fault('invalid', `the template has no {{${unused.join('}}, {{')}}}`)
  return text
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`, for each name. Throws `invalid` where one is missing. */
export function fillMarked(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((filled, [name, value]) => {
    const [before, , after] = split(filled, name)
    return `${before}<!-- ${name} -->\n\n${value}\n\n<!-- /${name} -->${after}`
  }, text)
}

function split(text: string, name: string): [before: string, inside: string, after: string] {
  const [before, rest, ...more] = text.split(`<!-- ${name} -->`)
  const [inside, after, ...others] = (rest ?? '').split(`<!-- /${name} -->`)
  if (before === undefined || inside === undefined || after === undefined || more.length + others.length > 0)
    throw new Fault('invalid', `exactly one <!-- ${name} --> with its <!-- /${name} --> is needed`)
  return [before, inside, after]
}
