import { Fault } from '#nips/kit/fault'

const escapes: Record<string, string> = {
  ...{ '"': '"', "'": "'", '\\': '\\', '/': '/' },
  ...{ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '0': '\0' },
}

/** Goes through the text of a config file and knows where it is. What does not fit is `invalid`, with its line. */
export class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The line the next character is on, from 1. */
  get line(): number {
    return this.#text.slice(0, this.#at).split('\n').length
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length
  }

  /** The next character, '' at the end. */
  get next(): string {
    return this.#text[this.#at] ?? ''
  }

  fail(problem: string): never {
    throw new Fault('invalid', `line ${this.line}: ${problem}`)
  }

  /** Takes `word` if it comes next. */
  take(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false
    this.#at += word.length
    return true
  }

  /** Takes what a sticky pattern finds here; '' when that is nothing. */
  match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const [found = ''] = pattern.exec(this.#text) ?? []
    this.#at += found.length
    return found
  }

  /** Passes over white space and comments: `# …`, `// …` and `/* … *\/`. */
  skip(): void {
    this.match(/(?:\s+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y)
    if (this.#text.startsWith('/*', this.#at)) this.fail('a comment is not closed')
  }

  /** A string that begins here: in single or double quotation marks, or over lines in three of them. */
  string(): string {
    const quote = this.next
    if (this.take(quote.repeat(3))) return this.#longString(quote.repeat(3))
    this.take(quote)
    let value = ''
    for (;;) {
      value += this.match(quote === '"' ? /[^"\\\n]*/y : /[^'\\\n]*/y)
      if (this.take(quote)) return value
      if (!this.take('\\')) this.fail('a string is not closed')
      value += this.#escape()
    }
  }

  #longString(fence: string): string {
    this.take('\n')
    const end = this.#text.indexOf(fence, this.#at)
    if (end < 0) this.fail('a string is not closed')
    const value = this.#text.slice(this.#at, end)
    this.#at = end + fence.length
    return value
  }

  #escape(): string {
    const code = this.match(/u[0-9a-fA-F]{4}/y)
    if (code !== '') return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    const letter = this.match(/./y)
    return escapes[letter] ?? this.fail(`\\${letter} is not known in a string`)
  }
}
