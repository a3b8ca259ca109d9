import { type Ask, bare, firstOf, on, quoted, type Rule } from './ask.ts'
import type { Turn } from './conversation.ts'

const NAMED = /\b(?:my name(?: is|['’]s)|call me) (\p{L}[\p{L}'’-]*(?: \p{Lu}[\p{L}'’-]*){0,2})/iu
const I_AM = /^(?:(?:hi|hello|hey)[,.! ]+)?(?:i am|i['’]m) (\p{L}[\p{L}'’-]*)[.!]?$/iu
const FACT = /\bmy (\p{L}[\p{L} '’-]{1,40}?) (?:is|are) (?!not\b)([^.!?\n]{1,120})/iu
const TO_KEEP = /\b(?:remember|note|keep in mind)(?: that)?:? +([^?\n]{2,300}?)[.!]*$/iu

/** A name as people write it, also when it was typed in small letters. */
const capital = (name: string): string => name.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase())

/** The newest thing that somebody said and a pattern caught. */
function newest(
  turns: readonly Turn[],
  by: Turn['by'],
  pick: (text: string) => string | undefined,
): string | undefined {
  for (const turn of turns.toReversed()) {
    const picked = turn.by === by ? pick(turn.text) : undefined
    if (picked !== undefined) return picked
  }
  return undefined
}

const nameIn = (text: string): string | undefined => (NAMED.exec(text) ?? I_AM.exec(text))?.[1]

/** The name the person gave last. */
export function nameOf(turns: readonly Turn[]): string | undefined {
  const name = newest(turns, 'person', (text) => (isQuestion(text) ? undefined : nameIn(text)))
  return name === undefined ? undefined : capital(name)
}

const isQuestion = (text: string): boolean => /\?\s*$/.test(text) && !/[.!] /.test(text)

/** What the person asked to keep, newest first: `remember …` and `my … is …`. */
const kept = (turns: readonly Turn[]): string[] =>
  turns
    .filter(({ by, text }) => by === 'person' && !isQuestion(text))
    .map(({ text }) => TO_KEEP.exec(text)?.[1] ?? FACT.exec(text)?.[0])
    .filter((line) => line !== undefined)
    .toReversed()

const sameKey = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()

/** What was said to be `key`: `my key is …`, or, once asked to remember it, `the key is …`. */
function toldAs(turns: readonly Turn[], key: string): string | undefined {
  const pattern = /\b(?:my|the) (\p{L}[\p{L} '’-]{1,40}?) (?:is|are) ([^.!?\n]{1,120})/giu
  for (const line of kept(turns)) {
    for (const [, name = '', value] of line.matchAll(pattern)) if (sameKey(name, key)) return value
  }
  return undefined
}

const lastSaid = ({ before }: Ask): string => {
  const text = newest(before, 'person', (said) => said)
  return text === undefined
    ? 'That was the first thing you said to me in this conversation.'
    : `You said: ${quoted(text)}`
}

const firstSaid = ({ before, text }: Ask): string =>
  `The first thing you said was: ${quoted(before.find(({ by }) => by === 'person')?.text ?? text)}`

const again = ({ before }: Ask): string =>
  newest(before, 'model', (said) => said) ?? 'I have not said anything yet in this conversation.'

function soFar({ before }: Ask): string {
  const said = before.filter(({ by }) => by === 'person').map(({ text }) => `- ${quoted(text)}`)
  if (said.length === 0) return 'This is the start of our conversation.'
  return ['So far you said:', ...said.slice(-10)].join('\n')
}

function yourName({ before }: Ask): string {
  const name = nameOf(before)
  return name === undefined ? 'You have not told me your name in this conversation.' : `Your name is ${name}.`
}

function whatToKeep({ before }: Ask): string {
  const [newestLine] = kept(before)
  if (newestLine === undefined) return 'You have not asked me to remember anything in this conversation.'
  return `You asked me to remember: ${quoted(bare(newestLine))}`
}

function about({ before }: Ask, topic: string): string | undefined {
  const words = bare(topic).toLowerCase()
  const line = newest(before, 'person', (text) => (text.toLowerCase().includes(words) ? text : undefined))
  return line === undefined
    ? `You said nothing about ${quoted(words)} in this conversation.`
    : `You said: ${quoted(line)}`
}

function fact({ before }: Ask, owner: string, key: string): string | undefined {
  const value = toldAs(before, key)
  if (value === undefined) return owner.toLowerCase() === 'my' ? `You have not told me your ${key.trim()}.` : undefined
  return `${owner.toLowerCase() === 'my' ? 'Your' : 'The'} ${key.trim()} is ${value.trim()}.`
}

/** Questions about this very conversation. */
export const recall: Rule = firstOf([
  on(
    /\bwhat(?:['’]s| is) my name\b|\bwho am i[?.!]*$|\bwhat did i (?:say|tell you) my name (?:is|was)\b|\b(?:know|remember|recall) my name\b/i,
    yourName,
  ),
  on(/\b(?:what|which)\b.*\b(?:did|do|should|were|was) (?:i|you)\b.*\bremember\b/i, whatToKeep),
  on(/\bwhat (?:did|have) i (?:say|said|tell you|told you|mention(?:ed)?) about (.{2,60}?)[?.!]*$/i, about),
  on(/\bdo you remember (?!me\b|what\b|that\b|it\b)(.{2,60}?)[?.!]*$/i, about),
  on(/\bwhat (?:did i|was it i) (?:ask|say|tell you|write)\b.*\b(?:first|at the (?:start|beginning))\b/i, firstSaid),
  on(/\bmy (?:very )?first (?:question|message)\b/i, firstSaid),
  on(
    /\bwhat (?:did i|have i) (?:just )?(?:ask|say|said|tell|write|asked|told)\b|\bmy (?:last|previous) (?:question|message)\b|\b(?:last|previous) thing i (?:said|asked|told|wrote)\b/i,
    lastSaid,
  ),
  on(/\bwhat did you (?:just )?(?:say|answer|tell)\b|\byour (?:last|previous) (?:answer|reply|message)\b/i, again),
  on(
    /^(?:please |can you |could you )?(?:repeat|say) (?:that|it|this)(?: again)?(?:,? please)?[.!?]*$|^(?:once )?again[.!?]*$/i,
    again,
  ),
  on(
    /\bwhat (?:have|did) we (?:talk|discuss|sp[eo]ak|cover)|\bsummar\w+ (?:this|our|the) (?:conversation|chat|thread)/i,
    soFar,
  ),
  on(/\bwhat(?:['’]s| is| are) (my|the) (\p{L}[\p{L} '’-]{1,40}?)[?.!]*$/iu, fact),
])

/** Something to keep, with the text that is left once it was heard. */
export type Heard = { reply: string; rest: string }

/** Hears a name or a fact. Asking about one is not telling one. */
export function hear({ text }: Ask): Heard | undefined {
  if (isQuestion(text)) return undefined
  const [sentence, rest] = split(text, (line) => nameIn(line) !== undefined || TO_KEEP.test(line) || FACT.test(line))
  if (sentence === undefined) return undefined
  const name = nameIn(sentence)
  if (name !== undefined)
    return { reply: `Nice to meet you, ${capital(name)}. I keep your name in this conversation.`, rest }
  const line = TO_KEEP.exec(sentence)?.[1] ?? FACT.exec(sentence)?.[0] ?? sentence
  return { reply: `I keep that in this conversation: ${quoted(bare(line))}`, rest }
}

/** The first sentence that passes, and the others joined. */
function split(text: string, passes: (sentence: string) => boolean): [string | undefined, string] {
  const sentences = text.split(/(?<=[.!?])\s+|\n+/)
  const at = sentences.findIndex((sentence) => !isQuestion(sentence) && passes(sentence))
  return [sentences[at], sentences.filter((_, index) => index !== at).join(' ')]
}
