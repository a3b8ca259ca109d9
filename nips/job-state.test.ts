import { describe, expect, test } from 'vitest'
import { random, seeds } from '#tests/support/random'
import type { JobAnswer } from './job-answers.ts'
import { advance, asked, hasGap, isOver, type JobState } from './job-state.ts'

const fold = (answers: readonly JobAnswer[], from: JobState = asked): JobState => answers.reduce(advance, from)
const delta = (seq: number, text: string): JobAnswer => ({ type: 'delta', seq, text })
const checkpoint = (seq: number, text: string): JobAnswer => ({ type: 'checkpoint', seq, text })
const progress = (phase: string): JobAnswer => ({ type: 'progress', phase })
const result: JobAnswer = { type: 'result', output: { text: 'abc', model: 'm' } }
const failure = (text: string): JobAnswer => ({ type: 'failure', code: 'interrupted', message: 'x', retry: true, text })

describe('the stages', () => {
  test.each([
    { says: 'nothing yet', answers: [], stage: 'asked' },
    { says: 'accepted', answers: [progress('accepted')], stage: 'accepted' },
    {
      says: 'waiting for a decision',
      answers: [progress('accepted'), progress('approval-required')],
      stage: 'deciding',
    },
    {
      says: 'approved',
      answers: [progress('accepted'), progress('approval-required'), progress('approved')],
      stage: 'accepted',
    },
    { says: 'in a phase of its own', answers: [progress('accepted'), progress('starting')], stage: 'running' },
    { says: 'speaking', answers: [delta(0, 'a')], stage: 'running' },
    { says: 'stepping', answers: [{ type: 'step', phase: 'installing', progress: 0.5 }], stage: 'running' },
    { says: 'done', answers: [result], stage: 'done' },
    { says: 'failed', answers: [failure('')], stage: 'failed' },
  ] satisfies { says: string; answers: JobAnswer[]; stage: string }[])('$says: $stage', ({ answers, stage }) => {
    const state = fold(answers)
    expect(state.stage).toBe(stage)
    expect(isOver(state)).toBe(stage === 'done' || stage === 'failed')
  })

  const story = ['accepted', 'approval-required', 'approved', 'starting'].map(progress)

  test.each([0, 1, 2, 3])('do not go back when the story is told again from its line %i', (from) => {
    expect(fold(story.slice(from), fold(story))).toEqual(fold(story))
  })

  test('do not go back when the story comes last line first, as relays send what they have stored', () => {
    const told = fold(story.toReversed())
    expect([told.stage, told.phase]).toEqual(['running', 'starting'])
    const halfway = fold(story.slice(0, 3).toReversed())
    expect([halfway.stage, halfway.phase]).toEqual(['accepted', 'approved'])
  })

  test('keep what a late line tells besides its phase', () => {
    const late: JobAnswer = { type: 'progress', phase: 'approval-required', approval: 'id', sameAs: 'first' }
    expect(fold([progress('starting'), late])).toMatchObject({ stage: 'running', approval: 'id', sameAs: 'first' })
  })

  test('know how far a phase is until the next begins, whatever comes late', () => {
    const step: JobAnswer = { type: 'step', phase: 'installing', progress: 0.5 }
    expect(fold([step, progress('accepted')])).toMatchObject({ phase: 'installing', progress: 0.5 })
    expect(fold([step, progress('installing')])).toMatchObject({ phase: 'installing', progress: 0.5 })
    expect(fold([step, progress('starting')])).not.toHaveProperty('progress')
  })
})

describe('the text', () => {
  test.each([
    { says: 'in order', answers: [delta(0, 'a'), delta(1, 'b')], text: 'ab', gap: false },
    { says: 'out of order', answers: [delta(1, 'b'), delta(0, 'a')], text: 'ab', gap: false },
    { says: 'twice', answers: [delta(0, 'a'), delta(0, 'a'), delta(1, 'b'), delta(0, 'a')], text: 'ab', gap: false },
    { says: 'with one missing', answers: [delta(0, 'a'), delta(2, 'c')], text: 'a', gap: true },
    { says: 'with a checkpoint over the gap', answers: [delta(2, 'c'), checkpoint(1, 'ab')], text: 'abc', gap: false },
    {
      says: 'with a late checkpoint',
      answers: [delta(0, 'a'), delta(1, 'b'), checkpoint(0, 'a')],
      text: 'ab',
      gap: false,
    },
    {
      says: 'with the next piece as a checkpoint',
      answers: [delta(0, 'a'), checkpoint(1, 'ab')],
      text: 'ab',
      gap: false,
    },
    { says: 'from a checkpoint alone', answers: [checkpoint(9, 'abc')], text: 'abc', gap: false },
    {
      says: 'with deltas that a checkpoint holds',
      answers: [checkpoint(1, 'ab'), delta(1, 'b'), delta(2, 'c')],
      text: 'abc',
      gap: false,
    },
    { says: 'with empty deltas', answers: [delta(0, ''), delta(1, 'a')], text: 'a', gap: false },
  ])('$says is $text', ({ answers, text, gap }) => {
    const state = fold(answers)
    expect([state.text, hasGap(state)]).toEqual([text, gap])
  })

  test('of a failure is the longest that anybody knows', () => {
    expect(fold([delta(0, 'a'), failure('')]).text).toBe('a')
    expect(fold([delta(0, 'a'), failure('ab')]).text).toBe('ab')
    expect(fold([delta(0, 'abc'), failure('ab')]).text).toBe('abc')
  })

  test('of a result replaces all others', () => {
    expect(fold([delta(0, 'draft'), result]).text).toBe('abc')
    expect(fold([delta(0, 'draft'), { type: 'result', output: { existed: true } }]).text).toBe('draft')
  })
})

/** A job that speaks: all its deltas, some checkpoints, and its end. */
function story(seed: number): { stream: JobAnswer[]; whole: string } {
  const { below, pick } = random(seed)
  const pieces = Array.from({ length: 5 + below(15) }, () => pick(['', 'a', 'bc', ' d ', '😀', '\n']))
  const until = (seq: number) => pieces.slice(0, seq + 1).join('')
  const marks = [...new Set(Array.from({ length: 3 }, () => below(pieces.length)))]
  const stream = [...pieces.map((text, seq) => delta(seq, text)), ...marks.map((seq) => checkpoint(seq, until(seq)))]
  return { stream, whole: pieces.join('') }
}

const ROUNDS = 200

describe.each(seeds(3))('in any order and with repetitions (seed %i)', (seed) => {
  const { stream, whole } = story(seed)
  const chance = random(seed + 1)
  const jumbled = (answers: readonly JobAnswer[]) => chance.shuffle([...answers, ...chance.some(answers)])
  const rounds = Array.from({ length: ROUNDS }, () => jumbled(stream))

  test('a stream ends in the same state', () => {
    for (const answers of rounds) expect(fold(answers), JSON.stringify(answers)).toEqual(fold(stream))
    expect(fold(stream)).toMatchObject({ text: whole, stage: 'running', early: new Map() })
  })

  test('the text only grows', () => {
    for (const answers of rounds) {
      let state = asked
      for (const answer of answers) {
        const next = advance(state, answer)
        expect(next.text.startsWith(state.text), JSON.stringify(answers)).toBe(true)
        state = next
      }
    }
  })

  test('with a result, the outcome is the same wherever it comes', () => {
    const end: JobAnswer = { type: 'result', output: { text: whole || 'x' } }
    for (const answers of rounds) {
      const { stage, output, text, early } = fold(jumbled([...answers, end]))
      expect({ stage, output, text, early }).toEqual({
        stage: 'done',
        output: end.output,
        text: whole || 'x',
        early: new Map(),
      })
    }
  })

  test('with a failure that tells all text, the outcome is the same wherever it comes', () => {
    for (const answers of rounds) {
      const { stage, failure: why, text } = fold(jumbled([...answers, failure(whole)]))
      expect({ stage, why, text }).toMatchObject({ stage: 'failed', why: { code: 'interrupted' }, text: whole })
    }
  })

  test('nothing changes after the end', () => {
    for (const end of [result, failure('x')]) {
      const over = fold([...stream, end])
      for (const answer of [...stream, result, failure('y'), ...['accepted', 'approved', 'new'].map(progress)])
        expect(advance(over, answer)).toBe(over)
    }
  })

  test('no state is changed in place', () => {
    for (const answers of rounds.slice(0, 20))
      answers.reduce((state, answer) => {
        const before = structuredClone(state)
        const next = advance(state, answer)
        expect(state).toEqual(before)
        return next
      }, asked)
  })
})
