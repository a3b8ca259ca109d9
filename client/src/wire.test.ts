import { createRoot } from 'solid-js'
import { expect, test } from 'vitest'
import type { FromWorker, ToWorker, TurnView } from './model.ts'
import { createWire } from './wire.ts'

const turn: TurnView = {
  id: 'one',
  instance: 'i',
  thread: 'main',
  at: 1,
  text: 'hi',
  sent: 'sent',
  stage: 'writing',
  answer: 'so',
}

function stage(sign: () => Promise<unknown> = () => Promise.reject(new Error('no'))) {
  const sent: ToWorker[] = []
  const notices: string[] = []
  const worker: { postMessage(message: ToWorker): void; onmessage: ((event: MessageEvent) => void) | null } = {
    postMessage: (message) => sent.push(message),
    onmessage: null,
  }
  const wire = createRoot(() => createWire({ worker: worker as never, notice: (text) => notices.push(text), sign }))
  const say = (message: FromWorker) => worker.onmessage?.({ data: message } as MessageEvent)
  return { wire, sent, notices, say }
}

test('patches make the view: slices, rows, growing answers, rows that go', () => {
  const { wire, say } = stage()
  say({
    type: 'patches',
    patches: [
      { slice: 'waiting', value: 2 },
      { table: 'turns', key: 'one', row: turn },
    ],
  })
  say({ type: 'patches', patches: [{ grow: 'one', text: ' far' }] })
  expect(wire.view.turns.one?.answer).toBe('so far')
  expect(wire.view.waiting).toBe(2)
  say({
    type: 'patches',
    patches: [{ slice: 'account', value: { pubkey: 'k', npub: 'n', source: 'local', backedUp: false } }],
  })
  say({
    type: 'patches',
    patches: [
      { slice: 'account', value: null },
      { table: 'turns', key: 'one', row: null },
    ],
  })
  expect([wire.view.account, Object.keys(wire.view.turns)]).toEqual([null, []])
  say({ type: 'patches', patches: [{ table: 'turns', key: 'one', row: turn }, { clear: 'turns' }] })
  expect(Object.keys(wire.view.turns)).toEqual([])
})

test('a command resolves with its value or its refusal, whichever order they come in', async () => {
  const { wire, sent, say } = stage()
  const [first, second] = [wire.run('makeBackup', { password: 'p' }), wire.run('createKey')]
  const [one, two] = sent.map((message) => message.id)
  const error = { code: 'unavailable', message: 'Not now.', fix: 'Later.', retry: true } as const
  say({ type: 'failed', id: two ?? 0, error })
  say({ type: 'done', id: one ?? 0, value: 'ncryptsec1' })
  expect(await first).toEqual({ ok: true, value: 'ncryptsec1' })
  expect(await second).toEqual({ ok: false, error })
})

test('what the extension says goes back to the Worker, also when it says no', async () => {
  const { sent, say } = stage()
  say({ type: 'sign', id: 7, call: { method: 'encrypt', peer: 'p', text: 't' } })
  await new Promise((resolve) => setImmediate(resolve))
  expect(sent).toEqual([{ type: 'unsigned', id: 7, reason: 'no' }])
})
