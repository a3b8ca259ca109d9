import { describe, expect, test } from 'vitest'
import { callableJobs } from '#nips/jobs/index'
import { modelSettings } from '../settings.ts'
import type { Turn } from './conversation.ts'
import { LABEL, withoutLabel } from './label.ts'
import { replyTo } from './reply.ts'

/** Says one thing after the other; the last reply, without its label. */
function talk(said: readonly string[], when?: string): string {
  const turns: Turn[] = []
  for (const text of said) {
    turns.push(when === undefined ? { by: 'person', text } : { by: 'person', text, when })
    turns.push({ by: 'model', text: withoutLabel(replyTo(turns)) })
  }
  return turns.at(-1)?.text ?? ''
}

const UNKNOWN = /^I am the offline model, so I cannot answer that: no AI is connected\. Set `OPENAI_API_KEY`/

describe('the offline model', () => {
  test.each<{ says: string; said: string[]; reply: string | RegExp }>([
    { says: 'greets', said: ['Say hello'], reply: /^Hello\. I am the assistant in your OpenClaw gateway/ },
    { says: 'introduces itself', said: ['Hello! Please introduce yourself.'], reply: /^Hello\. .*offline model/ },
    { says: 'greets by name', said: ['My name is Ada', 'hi there'], reply: /^Hello, Ada\./ },
    { says: 'answers thanks', said: ['thanks!'], reply: 'You are welcome.' },
    { says: 'keeps a name', said: ['My name is ada.', 'hm', "What's my name?"], reply: 'Your name is Ada.' },
    { says: 'keeps the newest name', said: ["I'm Ben", 'Call me Bob', 'who am I?'], reply: 'Your name is Bob.' },
    { says: 'does not make up a name', said: ['What is my name?'], reply: /^You have not told me your name/ },
    {
      says: 'keeps a fact',
      said: ['My favourite colour is blue', "what's my favourite colour?"],
      reply: 'Your favourite colour is blue.',
    },
    {
      says: 'keeps what it shall',
      said: ['Remember that the code word is kiwi.', 'What is the code word?'],
      reply: 'The code word is kiwi.',
    },
    {
      says: 'tells what it keeps',
      said: ['Remember the number 42', 'ok', 'Which number did I ask you to remember?'],
      reply: 'You asked me to remember: “the number 42”',
    },
    {
      says: 'does two things at once',
      said: ['My name is Ada. Count to 3.'],
      reply: 'Nice to meet you, Ada. I keep your name in this conversation.\n\n1, 2, 3.',
    },
    {
      says: 'knows what was just said',
      said: ['I like lobsters', 'What did I just say?'],
      reply: 'You said: “I like lobsters”',
    },
    {
      says: 'knows what was just asked',
      said: ['What is 2 + 2?', 'what did I just ask you?'],
      reply: 'You said: “What is 2 + 2?”',
    },
    {
      says: 'knows the first thing',
      said: ['ping', 'count to 2', 'What was my first question?'],
      reply: 'The first thing you said was: “ping”',
    },
    {
      says: 'finds what was said',
      said: ['I like lobsters', 'ping', 'What did I say about lobsters?'],
      reply: 'You said: “I like lobsters”',
    },
    { says: 'repeats itself', said: ['count to 3', 'Repeat that please.'], reply: '1, 2, 3.' },
    {
      says: 'sums up',
      said: ['ping', 'count to 3', 'What have we talked about?'],
      reply: 'So far you said:\n- “ping”\n- “count to 3”',
    },
    { says: 'counts', said: ['Please count to twenty-one'], reply: /^1, 2, .*, 20, 21\.$/ },
    { says: 'counts from a number', said: ['count from 3 to 6'], reply: '3, 4, 5, 6.' },
    { says: 'counts down', said: ['count down from 3'], reply: '3, 2, 1, 0.' },
    {
      says: 'counts no further than 500',
      said: ['count to a million and 9000', 'count to 9000'],
      reply: /^I count 500 numbers at most: 1, .*, 500\.$/,
    },
    { says: 'does sums', said: ['What is 17 * 23?'], reply: '17 * 23 = 391' },
    { says: 'does not divide by zero', said: ['1/0'], reply: '1/0 has no answer: nothing can be divided by zero.' },
    { says: 'takes roots', said: ['the square root of 9'], reply: '√9 = 3' },
    { says: 'reverses', said: ['Reverse the word "lobster"'], reply: 'retsbol' },
    { says: 'reverses letters as people see them', said: ['reverse: a👍🏽b'], reply: 'b👍🏽a' },
    { says: 'writes in capitals', said: ['write hello in capitals'], reply: 'HELLO' },
    { says: 'counts letters', said: ['How many letters are in strawberry?'], reply: '10 letters.' },
    { says: 'says what it is told to', said: ['Say exactly: pong'], reply: 'pong' },
    { says: 'does not know the date', said: ['What day is it today?'], reply: /^I do not know: I have no clock/ },
    {
      says: 'goes on with a topic',
      said: ['How do I use a real model?', 'tell me more'],
      reply: /`MODEL_BASE_URL`: base URL/,
    },
    { says: 'asks what to go on with', said: ['tell me more'], reply: /^About what\?/ },
    { says: 'hears a remark', said: ['I had pasta today.'], reply: /^I have read that/ },
    { says: 'admits what it cannot', said: ['What is the capital of France?'], reply: UNKNOWN },
    { says: 'admits it for a long text too', said: [`Fix this: ${'x'.repeat(2000)}`], reply: UNKNOWN },
    { says: 'sees nothing in a date', said: ['2026-11-23'], reply: UNKNOWN },
  ])('$says', ({ said, reply }) => {
    const last = talk(said)
    if (typeof reply === 'string') expect(last).toBe(reply)
    else expect(last).toMatch(reply)
  })

  test.each([
    ['What is OpenAgents?', /OpenClaw gateway of your own/],
    ['What can you do?', /count/],
    ['What is OpenClaw?', /runs as a gateway/],
    ['Are you a real AI?', /without an AI/],
    ['What can you not do?', /^I cannot think/],
    ['How do I connect Ollama?', /found by itself/],
    ['Should I use local or managed?', /\*\*local\*\*/],
    ['What is a decision?', /6783/],
    ['Can I use another Nostr client?', /any Nostr client/],
    ['Is my chat private?', /NIP-44/],
    ['How do I back up my key?', /NIP-49/],
    ['How do I delete my gateway?', /cannot be undone/],
    ['How does an agent use it?', /SKILL\.md/],
    ['How do I stop an answer?', /Press Stop/],
  ])('knows the answer to: %s', (question, answer) => {
    expect(talk([question])).toMatch(answer)
  })

  test.each([
    'What kinds of birds are there?',
    'How do I stop smoking?',
    "I can't sleep, what helps?",
    'Write a poem about the sea',
  ])('does not answer with something else: %s', (question) => expect(talk([question])).toMatch(UNKNOWN))

  test('knows every job and every setting from their tables', () => {
    const jobs = talk(['Which jobs are there?'])
    for (const { name, kind } of callableJobs) expect(jobs).toContain(`\`${name}\` (kind ${kind}`)
    const settings = talk(['How do I use a real model?', 'more'])
    for (const { env } of Object.values(modelSettings)) expect(settings).toContain(`\`${env}\``)
  })

  test('tells the date that the gateway told', () => {
    expect(talk(['What day is it?'], 'Mon 2026-11-23 00:54 UTC')).toBe(
      "It is Monday, 23 November 2026, 00:54 UTC, by your gateway's clock.",
    )
  })

  test('says what it is in every reply, once', () => {
    const turns: Turn[] = []
    for (const text of ['hello', 'count to 3', 'repeat that', 'What is love?', 'x'.repeat(5000)]) {
      turns.push({ by: 'person', text })
      const reply = replyTo(turns)
      expect(reply.split(LABEL)).toEqual([expect.stringMatching(/\S/), ''])
      turns.push({ by: 'model', text: withoutLabel(reply) })
    }
    expect(replyTo([])).toContain(LABEL)
  })

  test.each([
    'hi ',
    'hi  ',
    'what did i ',
    'count from ',
    'my a is ',
    'remember ',
    '"',
    '1+(',
    'say ',
    'in capitals ',
    '. ',
  ])('stays quick on a long text of %j', (piece) => {
    const long = piece.repeat(60_000 / piece.length)
    const near = piece.repeat(1000 / piece.length)
    expect(talk([long, near, `${near}!`, 'what is my name?', 'what did I ask you to remember?'])).toMatch(/\S/)
  })
})
