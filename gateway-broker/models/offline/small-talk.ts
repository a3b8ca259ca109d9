import { type Ask, firstOf, on, type Rule } from './ask.ts'
import { nameOf } from './memory.ts'

const toName = ({ before }: Ask): string => {
  const name = nameOf(before)
  return name === undefined ? '' : `, ${name}`
}

/** How it presents itself. */
export const introduction = (ask: Ask): string =>
  `Hello${toName(ask)}. I am the assistant in your OpenClaw gateway. For now the built-in offline model answers for me, because no AI provider is connected. I can tell you about OpenAgents, keep in mind what we say in this conversation, and do small things such as counting or sums. Ask me “What can you do?”, or how to connect a real model.`

const hellos = new Set(['hello', 'hi', 'hey', 'hiya', 'greetings', 'good', 'morning', 'afternoon', 'evening'])
const addressed = new Set([...hellos, 'there', 'you', 'again', 'openclaw', 'assistant', 'bot'])

/** A text that is nothing but a greeting. */
const greeting: Rule = (ask) => {
  const words = ask.text.toLowerCase().match(/\p{L}+/gu) ?? []
  const isGreeting = words.length < 8 && hellos.has(words[0] ?? '') && words.every((word) => addressed.has(word))
  return isGreeting && words.join(' ') !== 'good' ? introduction(ask) : undefined
}

/** Greetings and other short words. */
export const smallTalk: Rule = firstOf([
  on(
    /\bintroduc(?:e|ing|tion)\b|^who are you[.!?]*$|\bwho am i (?:talking|speaking|chatting)\b|^(?:please )?say (?:hello|hi)\b|^tell me about yourself\b/i,
    introduction,
  ),
  greeting,
  on(/\bhow are you\b/i, () => 'I run as I should, thank you. What would you like to know?'),
  on(/^(?:ok(?:ay)?,? )?(?:many )?(?:thanks|thank you|thx|cheers)\b/i, (ask) => `You are welcome${toName(ask)}.`),
  on(
    /^(?:ok(?:ay)?|yes|yeah|yep|no|nope|sure|fine|great|nice|good|cool|all right|alright)[.!, ]*$/i,
    () => 'All right. What would you like to know?',
  ),
  on(
    /^(?:this is a )?test(?:ing)?[.!?]*$/i,
    () => 'It works: your message came to your gateway, and this answer came back the same way.',
  ),
  on(
    /^(?:bye|goodbye|good night|see you|farewell)\b/i,
    (ask) => `Goodbye${toName(ask)}. This conversation stays here.`,
  ),
])
