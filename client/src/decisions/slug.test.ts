import { expect, test } from 'vitest'
import { slug } from '#nips/jobs/shared'
import { newSlug, slugProblem } from './slug.ts'

test('every name we offer is one the contract takes', () => {
  for (const random of [0, 0.3, 0.7, 0.999]) expect(slug.safeParse(newSlug(() => random)).success).toBe(true)
})

test.each(['a', 'tide-otter', 'a'.repeat(32), '', '-a', 'a-', 'A', 'a_b', 'a'.repeat(33)])(
  '%j is judged as the contract judges it',
  (name) => {
    expect(slugProblem(name) === undefined).toBe(slug.safeParse(name).success)
  },
)
