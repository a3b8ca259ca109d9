import { Lexer, type MarkedToken, type Token, type Tokens } from 'marked'

/** What may be drawn, and nothing else: there is no node for raw HTML, a picture or a script. */
export type Block =
  | Of<'text' | 'code-span', { text: string }>
  | Of<'code', { text: string; lang: string }>
  | Of<'link', Kids & { href: string | undefined }>
  | Of<'heading', Kids & { small: boolean }>
  | Of<'list', Kids & { ordered: boolean; start: number }>
  | Of<'checkbox', { checked: boolean }>
  | Of<'table', { head: Cell[]; rows: { cells: Cell[] }[] }>
  | Of<'rule' | 'break' | 'nothing', object>
  | Of<'paragraph' | 'strong' | 'em' | 'del' | 'quote' | 'item' | 'group', Kids>
type Of<Type extends string, Rest> = Type extends string ? { type: Type } & Rest : never
interface Kids {
  kids: Block[]
}
export type Cell = { align: 'start' | 'center' | 'end'; kids: Block[] }

const protocols: readonly string[] = ['https:', 'http:', 'mailto:', 'nostr:']

/** An address that may be opened by a press; anything else becomes text without a link. */
export function safeHref(href: string): string | undefined {
  try {
    const url = new URL(href)
    return protocols.includes(url.protocol) ? url.href : undefined
  } catch {
    return undefined
  }
}

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  apos: "'",
  amp: '&',
  nbsp: ' ',
}

/** The few entities that models write; the rest stay as they were written. */
const decode = (text: string): string =>
  text.replaceAll(/&(lt|gt|quot|#39|apos|amp|nbsp);/g, (whole, name: string) => entities[name] ?? whole)

const kidsOf = (tokens: Token[] | undefined): Block[] => (tokens ?? []).map((token) => blockOf(token as MarkedToken))

/** One token of marked as a node of ours. */
function blockOf(token: MarkedToken): Block {
  switch (token.type) {
    case 'paragraph':
    case 'strong':
    case 'em':
    case 'del':
      return { type: token.type, kids: kidsOf(token.tokens) }
    case 'blockquote':
      return { type: 'quote', kids: kidsOf(token.tokens) }
    case 'heading':
      return { type: 'heading', small: token.depth > 3, kids: kidsOf(token.tokens) }
    case 'text':
      return token.tokens ? { type: 'group', kids: kidsOf(token.tokens) } : { type: 'text', text: decode(token.text) }
    case 'codespan':
      return { type: 'code-span', text: token.text }
    case 'code':
      return { type: 'code', text: token.text, lang: token.lang?.split(/\s/)[0] ?? '' }
    case 'list':
      return { type: 'list', ordered: token.ordered, start: Number(token.start) || 1, kids: token.items.map(blockOf) }
    case 'list_item':
      return { type: 'item', kids: kidsOf(token.tokens) }
    case 'table':
      return tableOf(token)
    default:
      return smallOf(token)
  }
}

function smallOf(token: MarkedToken): Block {
  switch (token.type) {
    case 'link':
      return { type: 'link', href: safeHref(token.href), kids: kidsOf(token.tokens) }
    case 'image':
      // A picture would tell its server who reads this; its address is a link.
      return { type: 'link', href: safeHref(token.href), kids: [{ type: 'text', text: token.text || token.href }] }
    case 'checkbox':
      return { type: 'checkbox', checked: token.checked }
    case 'escape':
      return { type: 'text', text: token.text }
    case 'hr':
      return { type: 'rule' }
    case 'br':
      return { type: 'break' }
    case 'space':
    case 'def':
      return { type: 'nothing' }
    default:
      return { type: 'text', text: token.raw }
  }
}

function tableOf({ header, rows, align }: Tokens.Table): Block {
  const cells = (row: Tokens.TableCell[]): Cell[] =>
    row.map(({ tokens }, column) => {
      const side = align[column]
      return { align: side === 'center' ? 'center' : side === 'right' ? 'end' : 'start', kids: kidsOf(tokens) }
    })
  return { type: 'table', head: cells(header), rows: rows.map((row) => ({ cells: cells(row) })) }
}

/** The blocks from `from` on are these now; whatever came after them is gone. */
export type Reading = { from: number; blocks: Block[] }

/**
 * Reads a text that grows. A block that another one follows is final and never read again, so that a long answer
 * costs no more per word than a short one; a text that did not grow out of the last one is read anew.
 */
export class BlockReader {
  #consumed = ''
  #final = 0

  read(text: string, whole: boolean): Reading {
    if (!text.startsWith(this.#consumed)) {
      this.#consumed = ''
      this.#final = 0
    }
    const rest = text.slice(this.#consumed.length)
    const tokens = new Lexer({ gfm: true }).lex(rest)
    const from = this.#final
    const blocks: Block[] = []
    const open = whole ? tokens.length : lastBlock(tokens)
    for (const token of tokens.slice(0, open)) {
      this.#consumed += token.raw
      if (token.type === 'space') continue
      blocks.push(blockOf(token as MarkedToken))
      this.#final += 1
    }
    const growing = tokens[open]
    if (growing !== undefined && growing.type !== 'space') blocks.push(...growingBlocks(growing.raw))
    return { from, blocks }
  }
}

/** The last token that is not only space: it may still grow, also across an empty line. */
function lastBlock(tokens: Token[]): number {
  let last = tokens.length - 1
  while (last > 0 && tokens[last]?.type === 'space') last -= 1
  return Math.max(0, last)
}

function growingBlocks(raw: string): Block[] {
  return new Lexer({ gfm: true })
    .lex(heal(raw))
    .filter(({ type }) => type !== 'space')
    .map((token) => blockOf(token as MarkedToken))
}

/** Closes what is about to be closed, so that a half-written mark does not flicker: code, strong, and links. */
export function heal(text: string): string {
  if (/^ {0,3}(?:```|~~~)/.test(text)) return text
  const line = text.slice(text.lastIndexOf('\n') + 1)
  const ticks = line.split('`').length - 1
  if (ticks % 2 === 1) return line.endsWith('`') ? text.slice(0, -1) : `${text}\``
  const halfLink = /!?\[([^\]\n]*)(?:\]\([^)\n]*)?$/.exec(line)
  const plain = halfLink === null ? text : text.slice(0, text.length - halfLink[0].length) + (halfLink[1] ?? '')
  const stars = plain.slice(plain.lastIndexOf('\n') + 1).replace(/^\s*\*\s/, '')
  if (/(?:^|[^*])\*{1,2}$/.test(stars)) return plain.replace(/\*+$/, '')
  return (stars.split('**').length - 1) % 2 === 1 ? `${plain}**` : plain
}
