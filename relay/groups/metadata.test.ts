import { describe, expect, test } from 'vitest'
import { groupKind } from '#nips/nip29'
import { admin, bookAfter, eventOf, type Step, second } from '../testing/groups.ts'
import type { Book } from './group.ts'
import { advance, refuseAction } from './record.ts'

const { editMetadata, createGroup, deleteGroup } = groupKind

describe('subgroups', () => {
  const tree = (...more: [id: string, ...Step][]): Book => {
    const book = bookAfter()
    const start: [string, ...Step][] = [
      ['child', admin, createGroup, ['parent', 'pizza']],
      ['other', second, createGroup],
    ]
    for (const [id, ...step] of [...start, ...more]) advance(book, eventOf(step, id))
    return book
  }
  const shape = (book: Book) =>
    Object.fromEntries([...book.groups].map(([id, { metadata, children }]) => [id, [metadata.parent, ...children]]))

  test('hang below their parent, move, and become roots', () => {
    expect(shape(tree())).toEqual({ pizza: [undefined, 'child'], child: ['pizza'], other: [undefined] })
    expect(shape(tree(['child', admin, editMetadata]))).toEqual({
      pizza: [undefined],
      child: [undefined],
      other: [undefined],
    })
    const moved = tree(
      ['third', admin, createGroup, ['parent', 'child']],
      ['third', admin, editMetadata, ['parent', 'pizza']],
    )
    expect(shape(moved)).toMatchObject({ pizza: [undefined, 'child', 'third'], child: ['pizza'], third: ['pizza'] })
    expect(shape(tree(['pizza', admin, deleteGroup]))).toMatchObject({ child: [undefined] })
    expect(shape(tree(['child', admin, deleteGroup]))).toMatchObject({ pizza: [undefined] })
  })

  test.each<{ says: string; step: Step; id: string; reason: RegExp }>([
    {
      says: 'two parents',
      step: [admin, editMetadata, ['parent', 'pizza'], ['parent', 'other']],
      id: 'child',
      reason: /one parent/,
    },
    {
      says: 'a parent that is not here',
      step: [admin, editMetadata, ['parent', 'none']],
      id: 'child',
      reason: /no group here/,
    },
    { says: 'itself', step: [admin, editMetadata, ['parent', 'child']], id: 'child', reason: /part of itself/ },
    {
      says: 'a cycle',
      step: [admin, editMetadata, ['parent', 'child'], ['child', 'child']],
      id: 'pizza',
      reason: /part of itself/,
    },
    {
      says: "somebody else's group",
      step: [admin, editMetadata, ['parent', 'other']],
      id: 'child',
      reason: /admin of the parent/,
    },
    { says: 'a child left out', step: [admin, editMetadata], id: 'pizza', reason: /all children/ },
    {
      says: 'a child twice',
      step: [admin, editMetadata, ['child', 'child'], ['child', 'child']],
      id: 'pizza',
      reason: /all children/,
    },
    {
      says: 'a child of nobody',
      step: [admin, editMetadata, ['child', 'child'], ['child', 'other']],
      id: 'pizza',
      reason: /all children/,
    },
  ])('refuse $says', ({ step, id, reason }) => {
    expect(refuseAction(eventOf(step, id), tree())?.message).toMatch(reason)
  })

  test('a hidden parent is for strangers no group', () => {
    const book = tree(['pizza', admin, editMetadata, ['hidden'], ['child', 'child']])
    const asked = [
      refuseAction(eventOf([second, editMetadata, ['parent', 'pizza']], 'other'), book),
      refuseAction(eventOf([second, editMetadata, ['parent', 'none']], 'other'), book),
    ]
    expect(new Set(asked.map((fault) => fault?.reason)).size).toBe(1)
  })
})
