import { describe, expect, test } from 'vitest'
import { encodeDeployment, openDeployment } from '#nips/service'
import { NOW, person } from './testing/events.ts'

const [operator, service] = [person(), person()]
const list = operator.sign(encodeDeployment(new Map([[service.pubkey, 'service']]), NOW))

describe('the list of keys', () => {
  test('names each key and what it is for', () => {
    const { keys } = openDeployment(JSON.stringify(list), operator.pubkey)
    expect([...keys]).toEqual([[service.pubkey, 'service']])
  })

  test('is taken from anybody when no operator is named', () => {
    expect(openDeployment(JSON.stringify(list), '').operator).toBe(operator.pubkey)
  })

  test.each([
    {
      says: 'is signed by somebody else',
      text: JSON.stringify(list),
      by: service.pubkey,
      message: /not signed by the operator/,
    },
    {
      says: 'was changed',
      text: JSON.stringify({ ...list, tags: [...list.tags, ['p', operator.pubkey, '', 'service']] }),
      by: '',
      message: /bad event id/,
    },
    { says: 'is another event', text: JSON.stringify(operator.sign({})), by: '', message: /not a deployment/ },
    { says: 'is no JSON', text: 'hello', by: '', message: /not an object/ },
  ])('is refused when it $says', ({ text, by, message }) => {
    expect(() => openDeployment(text, by)).toThrow(message)
  })
})
