import { expect, test } from 'vitest'
import { evaluate, sumIn } from './arithmetic.ts'

test.each([
  ['2+2', 4],
  ['What is 17 * 23?', 391],
  ["what's 3 times (4 + 1)", 15],
  ['calculate 1,000 minus 1', 999],
  ['How much is 10 divided by 4?', 2.5],
  ['20% of 50', 10],
  ['15 percent of 200', 30],
  ['-2^2', -4],
  ['2 ** 3 ** 2', 512],
  ['8 / 4 / 2', 1],
  ['2 - 3 - 4', -5],
  ['3 squared + 1', 10],
  ['6 x 7 =', 42],
  ['(1 + 2) * -3', -9],
  ['.5 + .25', 0.75],
  ['1 / 0', Number.POSITIVE_INFINITY],
])('%s is %d', (text, value) => {
  expect(evaluate(sumIn(text)?.sum ?? '')).toBe(value)
})

test.each(['42', '2026-11-23', 'what is love', '1 +', '(1', '1 2', '1..2 + 1', '+', 'a + b', '5 apples + 3', ')1+1('])(
  '%s is no sum',
  (text) => {
    const sum = sumIn(text)?.sum
    expect(sum === undefined ? undefined : evaluate(sum)).toBeUndefined()
  },
)
