import { expect, test } from 'vitest'
import { createTurns } from './turns.ts'

test('so many tasks run at once, the others in their order, whatever becomes of them', async () => {
  const inTurn = createTurns(2)
  const begun: number[] = []
  const ends: ((fails?: true) => void)[] = []
  const task = (name: number) => () => {
    begun.push(name)
    return new Promise<number>((resolve, reject) => {
      ends[name] = (fails) => (fails ? reject(new Error(`${name}`)) : resolve(name))
    })
  }
  const turn = () => new Promise(setImmediate)
  const all = [0, 1, 2, 3, 4].map((name) => inTurn(task(name)).catch((error: Error) => `failed ${error.message}`))
  await turn()
  expect(begun).toEqual([0, 1])
  ends[1]?.(true)
  await turn()
  expect(begun).toEqual([0, 1, 2])
  ends[0]?.()
  ends[2]?.()
  await turn()
  expect(begun).toEqual([0, 1, 2, 3, 4])
  ends[3]?.()
  ends[4]?.()
  expect(await Promise.all(all)).toEqual([0, 'failed 1', 2, 3, 4])
})
