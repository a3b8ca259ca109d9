import { type Ask, firstOf, type Rule } from './ask.ts'
import type { Turn } from './conversation.ts'
import { knowledge, moreAbout, remark, unknown } from './knowledge.ts'
import { withLabel } from './label.ts'
import { hear, recall } from './memory.ts'
import { skills } from './skills.ts'
import { introduction, smallTalk } from './small-talk.ts'

/** In the order in which they are asked: about this conversation, small skills, small talk, what it knows, remarks. */
const answer: Rule = firstOf([recall, skills, smallTalk, moreAbout, knowledge, remark])

/** Characters of a message that are looked at: patterns stay quick on any text, and a longer one asks for more than rules. */
const LOOKED_AT = 1000

const shortened = (turn: Turn): Turn => (turn.by === 'model' ? turn : { ...turn, text: turn.text.slice(0, LOOKED_AT) })

/** The offline model's whole reply to a conversation, labelled as what it is. */
export function replyTo(turns: readonly Turn[]): string {
  const last = turns.findLastIndex(({ by }) => by === 'person')
  const { text = '', when } = turns[last] ?? {}
  const ask: Ask = { text, when, before: turns.slice(0, Math.max(0, last)).map(shortened) }
  if (text.length > LOOKED_AT) return withLabel(unknown())
  return withLabel(last < 0 ? introduction(ask) : (told(ask) ?? answer(ask) ?? unknown()))
}

/** Takes note of a name or a fact, and answers what else was said. */
function told(ask: Ask): string | undefined {
  const heard = hear(ask)
  if (heard === undefined) return undefined
  const rest = heard.rest === '' ? undefined : answer({ ...ask, text: heard.rest })
  return rest === undefined ? heard.reply : `${heard.reply}\n\n${rest}`
}
