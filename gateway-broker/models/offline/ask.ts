import type { Turn } from './conversation.ts'

/** The last thing a person said, with what came before it. */
export type Ask = {
  text: string
  before: readonly Turn[]
  /** `Mon 2026-11-23 00:54 UTC`, when the gateway told. */
  when?: string | undefined
}

/** Answers what it knows how to answer; `undefined` leaves it to the next one. */
export type Rule = (ask: Ask) => string | undefined

/** A rule for texts that match; it gets what the groups caught. */
export const on =
  (pattern: RegExp, answer: (ask: Ask, ...caught: string[]) => string | undefined): Rule =>
  (ask) => {
    const match = pattern.exec(ask.text)
    return match === null ? undefined : answer(ask, ...match.slice(1).map((group) => group ?? ''))
  }

/** The first answer of the rules, in their order. */
export const firstOf =
  (rules: readonly Rule[]): Rule =>
  (ask) => {
    for (const rule of rules) {
      const answer = rule(ask)
      if (answer !== undefined) return answer
    }
    return undefined
  }

const LONG = 300

/** Somebody's words in quotation marks, on one line, cut when long. */
export function quoted(words: string): string {
  const line = words.replace(/\s+/g, ' ').trim()
  return `“${line.length > LONG ? `${line.slice(0, LONG)}…` : line}”`
}

/** Words without the quotation marks or the end of a sentence around them. */
export const bare = (words: string): string =>
  words
    .trim()
    .replace(/^["'“”‘’`]+/, '')
    .replace(/["'“”‘’`]+[.!?]*$/, '')
    .trim()
