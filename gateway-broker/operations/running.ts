import type { BrokerLine } from '#nips/ticket'

/** One job that runs in this broker: what it has said so far, and who listens. */
export class Running {
  readonly controller = new AbortController()
  readonly instance: string
  readonly owner: string
  readonly #listeners = new Set<(line: BrokerLine) => void>()
  #text = ''
  #last: BrokerLine | undefined

  constructor(instance: string, owner: string) {
    this.instance = instance
    this.owner = owner
  }

  get text(): string {
    return this.#text
  }

  /** Takes the whole text; listeners get what is new of it, or all of it when it is not a continuation. */
  say(whole: string): void {
    const line: BrokerLine = whole.startsWith(this.#text)
      ? { type: 'delta', text: whole.slice(this.#text.length) }
      : { type: 'snapshot', text: whole }
    if (line.type === 'delta' && line.text === '') return
    this.#text = whole
    this.tell(line)
  }

  tell(line: BrokerLine): void {
    if (line.type === 'phase' || line.type === 'step') this.#last = line
    for (const listener of [...this.#listeners]) listener(line)
  }

  /** Hears everything so far in one or two lines, then every line as it comes. */
  listen(listener: (line: BrokerLine) => void): () => void {
    if (this.#last) listener(this.#last)
    if (this.#text !== '') listener({ type: 'snapshot', text: this.#text })
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
