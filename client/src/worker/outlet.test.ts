import { expect, test } from 'vitest'
import type { FromWorker, TurnView } from '../model.ts'
import { Outlet } from './outlet.ts'
import { ManualClock } from './testing/clock.ts'

const turn = (more: Partial<TurnView> = {}): TurnView => ({
  id: 'one',
  instance: 'i',
  thread: 'main',
  at: 1,
  text: 'hello',
  sent: 'sent',
  stage: 'writing',
  answer: '',
  ...more,
})

function stage() {
  const clock = new ManualClock()
  const sent: FromWorker[] = []
  return { clock, sent, outlet: new Outlet((message) => sent.push(message), clock) }
}

test('everything that changes within a frame travels once, as it is at its end', async () => {
  const { clock, sent, outlet } = stage()
  outlet.slice('waiting', 1)
  outlet.slice('waiting', 2)
  outlet.turn('one', turn())
  outlet.turn('one', turn({ answer: 'so' }))
  expect(sent).toEqual([])
  await clock.advance(16)
  expect(sent).toEqual([
    {
      type: 'patches',
      patches: [
        { slice: 'waiting', value: 2 },
        { table: 'turns', key: 'one', row: turn({ answer: 'so' }) },
      ],
    },
  ])
})

test('an answer that only grew travels as what was added; anything else travels whole', async () => {
  const { clock, sent, outlet } = stage()
  for (const next of [
    turn({ answer: 'one' }),
    turn({ answer: 'one two' }),
    turn({ answer: 'one two' }),
    turn({ answer: 'one two', stage: 'done' }),
    turn({ answer: 'another', stage: 'done' }),
  ]) {
    outlet.turn('one', next)
    await clock.advance(16)
  }
  const patches = sent.flatMap((message) => (message.type === 'patches' ? message.patches : []))
  expect(patches.map((patch) => ('grow' in patch ? `+${patch.text}` : 'whole'))).toEqual([
    'whole',
    '+ two',
    'whole',
    'whole',
  ])
})

test('a cleared table forgets what was about to be sent for it', async () => {
  const { clock, sent, outlet } = stage()
  outlet.turn('one', turn())
  outlet.clear('turns')
  outlet.turn('two', turn({ id: 'two' }))
  await clock.advance(16)
  expect(sent).toEqual([
    { type: 'patches', patches: [{ clear: 'turns' }, { table: 'turns', key: 'two', row: turn({ id: 'two' }) }] },
  ])
})
