import { evaluate, sumIn } from './arithmetic.ts'
import { type Ask, bare, firstOf, on, type Rule } from './ask.ts'

/** How far it counts. */
const MOST = 500

const units =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')

/** A whole number in digits or in English words below a thousand. */
function wholeNumber(words: string): number | undefined {
  const text = words.trim().toLowerCase().replaceAll(',', '')
  if (/^\d{1,9}$/.test(text)) return Number(text)
  const hundreds = /^(?:(\w+) )?hundred(?: and (.+))?$/.exec(text)
  if (hundreds) {
    const [, many = 'one', rest = 'zero'] = hundreds
    const [count, more] = [many === 'a' ? 1 : units.indexOf(many), wholeNumber(rest)]
    return count < 1 || more === undefined ? undefined : count * 100 + more
  }
  const [ten = '', unit = 'zero'] = text.split(/[- ]/)
  if (tens.includes(ten)) return (tens.indexOf(ten) + 2) * 10 + Math.max(0, units.indexOf(unit))
  return units.includes(text) ? units.indexOf(text) : undefined
}

function count(_: Ask, from: string, to: string): string | undefined {
  const [start, end] = [from === '' ? 1 : wholeNumber(from), wholeNumber(to)]
  if (start === undefined || end === undefined) return undefined
  const length = Math.min(Math.abs(end - start) + 1, MOST)
  const step = end < start ? -1 : 1
  const numbers = Array.from({ length }, (_, index) => String(start + index * step)).join(', ')
  const isCut = Math.abs(end - start) + 1 > MOST
  return isCut ? `I count ${MOST} numbers at most: ${numbers}.` : `${numbers}.`
}

function sum({ text }: Ask): string | undefined {
  const asked = sumIn(text)
  const value = asked && evaluate(asked.sum)
  if (asked === undefined || value === undefined) return undefined
  const { words } = asked
  if (Number.isNaN(value) || (!Number.isFinite(value) && asked.sum.includes('/')))
    return `${words} has no answer: nothing can be divided by zero.`
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return `${words} is too large for me to give exactly.`
  return `${words} = ${Number(value.toPrecision(12))}`
}

const root = (_: Ask, number: string): string => `√${number} = ${Number(Math.sqrt(Number(number)).toPrecision(12))}`

const letters = (text: string): string[] => [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment)

const backwards = (_: Ask, text: string): string => letters(bare(text)).reverse().join('')

function howMany(_: Ask, what: string, text: string): string {
  const words = bare(text)
  const many = /word/i.test(what) ? words.split(/\s+/).length : letters(words.replace(/\s/g, '')).length
  return `${many} ${many === 1 ? what.replace(/s$/, '') : what}.`
}

const days: Record<string, string> = {
  Mon: 'Monday',
  Tue: 'Tuesday',
  Wed: 'Wednesday',
  Thu: 'Thursday',
  Fri: 'Friday',
  Sat: 'Saturday',
  Sun: 'Sunday',
}
const months = 'January February March April May June July August September October November December'.split(' ')

function today({ when }: Ask): string {
  const [, day = '', year, month, date, time] = /^(\w{3}) (\d{4})-(\d\d)-(\d\d) (.+)$/.exec(when ?? '') ?? []
  if (year === undefined) return 'I do not know: I have no clock, and nobody told me the date.'
  return `It is ${days[day] ?? day}, ${Number(date)} ${months[Number(month) - 1]} ${year}, ${time}, by your gateway's clock.`
}

/** Small things that need no intelligence. */
export const skills: Rule = firstOf([
  on(/\bcount\b(?: up| down)?(?: from ([\w ,-]+?))? to ([\w ,-]+?)(?:[.!?]|,? please|$)/i, count),
  on(/\bcount(?: down| backwards)? from ([\w ,-]+?)(?: down)?(?:[.!?]|,? please|$)/i, (ask, from) =>
    count(ask, from, '0'),
  ),
  on(/\bsquare root of (\d+(?:\.\d+)?)/i, root),
  sum,
  on(
    /^(?:please )?(?:reverse|spell backwards?)(?: the (?:word|text|phrase|string|letters(?: of| in)?))?[: ]+([\s\S]+)$/i,
    backwards,
  ),
  on(/^(?:please )?(?:spell|write|say) ([\s\S]+?) backwards?[.!?]*$/i, backwards),
  on(/^(?:please )?(?:put |write |say )?([\s\S]+?) in (?:upper-? ?case|capitals|capital letters)[.!?]*$/i, (_, text) =>
    bare(text).toUpperCase(),
  ),
  on(/^(?:please )?(?:upper-? ?case|capitali[sz]e|shout)[: ]+([\s\S]+)$/i, (_, text) => bare(text).toUpperCase()),
  on(/^(?:please )?(?:lower-? ?case)[: ]+([\s\S]+)$/i, (_, text) => bare(text).toLowerCase()),
  on(
    /\bhow many (words|letters|characters) (?:are |does |do )?(?:there )?(?:in |has )["“'‘]?([\s\S]+?)["”'’]?(?: have)?[.!?]*$/i,
    howMany,
  ),
  on(
    /^(?:please )?(?:say|repeat|echo|print|(?:reply|respond|answer)(?: with)?)\b(?: (?:exactly|only|just|back|after me|the words?|the text|this|the following|with))*(?:: *|,? +(?=["“'‘`]))([\s\S]+)$/i,
    (_, text) => bare(text),
  ),
  on(
    /^(?:please )?(?:echo|(?:say|repeat|print|(?:reply|respond|answer)(?: with)?) (?:exactly|only|just|after me|the words?))(?: with| the words?)* +([\s\S]+)$/i,
    (_, text) => bare(text),
  ),
  on(
    /\bwhat(?:['’]s| is)? (?:the )?(?:date|day|time)\b(?! (?:zone|out|limit))|\bwhat (?:day|date|time) is it\b|\btoday['’]s date\b/i,
    today,
  ),
  on(/^ping[.!?]*$/i, () => 'pong'),
])
