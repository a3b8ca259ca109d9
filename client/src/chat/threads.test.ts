import { expect, test } from 'vitest'
import type { TurnView } from '../model.ts'
import { chatsOf, turnsOf } from './threads.ts'

const turn = (id: string, at: number, more: Partial<TurnView> = {}): TurnView => ({
  id,
  at,
  instance: 'one',
  thread: 'main',
  text: `said ${id}`,
  sent: 'delivered',
  stage: 'done',
  answer: '',
  ...more,
})
const table = (turns: TurnView[]) => Object.fromEntries(turns.map((one) => [one.id, one]))

test('a chat is named by the first line that was said, and the latest chat comes first', () => {
  const turns = table([
    turn('b', 5),
    turn('a', 1, { text: 'First line\nsecond line' }),
    turn('c', 9, { instance: 'two', stage: 'thinking' }),
    turn('d', 9, { instance: '' }),
  ])
  expect(chatsOf(turns)).toEqual([
    { instance: 'two', thread: 'main', title: 'said c', at: 9, working: true },
    { instance: 'one', thread: 'main', title: 'First line', at: 5, working: false },
  ])
})

test('a message that waits in the outbox does not make a chat look busy', () => {
  const [chat] = chatsOf(table([turn('a', 1, { sent: 'queued', stage: 'waiting' })]))
  expect(chat?.working).toBe(false)
})

test('turns come in the order they were said, of their own thread only', () => {
  const turns = table([turn('b', 2), turn('a', 1), turn('x', 0, { thread: 'other' })])
  expect(turnsOf(turns, 'one', 'main').map(({ id }) => id)).toEqual(['a', 'b'])
})
