import { expect, test } from 'vitest'
import type { PostView } from '../model.ts'
import { conversationsOf } from './conversations.ts'

const post = (id: string, at: number, more: Partial<PostView> = {}): PostView => ({
  id,
  kind: 1,
  pubkey: 'p',
  at,
  text: id,
  ...more,
})
const shape = (posts: PostView[]) =>
  conversationsOf(Object.fromEntries(posts.map((one) => [one.id, one]))).map(({ post: { id }, replies }) => [
    id,
    replies.map((reply) => reply.id),
  ])

test('answers stand under their first post, oldest first; first posts stand newest first', () => {
  expect(
    shape([
      post('a', 1),
      post('b', 2),
      post('a2', 4, { root: 'a', parent: 'a1' }),
      post('a1', 3, { root: 'a', parent: 'a' }),
    ]),
  ).toEqual([
    ['b', []],
    ['a', ['a1', 'a2']],
  ])
})

test.each([
  { says: 'whose first post is not here', posts: [post('x', 1, { root: 'gone', parent: 'gone' })], shows: [['x', []]] },
  { says: 'that says it answers itself', posts: [post('x', 1, { root: 'x', parent: 'x' })], shows: [['x', []]] },
  {
    says: 'in a forged circle',
    posts: [post('x', 1, { root: 'y', parent: 'y' }), post('y', 2, { root: 'x', parent: 'x' })],
    shows: [
      ['y', []],
      ['x', []],
    ],
  },
])('a post $says is not lost', ({ posts, shows }) => {
  expect(shape(posts)).toEqual(shows)
  expect(shape(posts).flat(2)).toHaveLength(posts.length)
})
