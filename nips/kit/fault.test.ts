import { describe, expect, test } from 'vitest'
import { Fault, type FaultCode, faults, isFaultCode, toFault } from './fault.ts'

const codes = Object.keys(faults) as FaultCode[]
/** NIP-01's machine-readable prefixes, and NIP-42's. */
const prefixes = [
  'duplicate',
  'pow',
  'blocked',
  'rate-limited',
  'invalid',
  'restricted',
  'mute',
  'error',
  'auth-required',
]

describe.each(codes)('the fault %s', (code) => {
  const fault = new Fault(code, 'what happened')

  test('says what to do next in a sentence', () => {
    expect(fault.fix).toMatch(/^[A-Z].{8,}[.]$/)
  })

  test('has a prefix that clients know', () => {
    const [prefix, ...rest] = fault.reason.split(': ')
    expect(prefixes).toContain(prefix)
    expect(rest).toEqual(['what happened'])
  })

  test('has an HTTP status of refusal or failure', () => {
    expect([fault.status >= 400, fault.status < 600]).toEqual([true, true])
  })

  test('is a word that fits the status tag of a job', () => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(isFaultCode(code)).toBe(true)
  })
})

test('HTTP callers are told the same codes, and the same chance of trying again, in every version', () => {
  const told = Object.fromEntries(codes.map((code) => [code, [faults[code].status, faults[code].retry]]))
  expect(told).toEqual({
    invalid: [400, false],
    unauthenticated: [401, false],
    unauthorized: [403, false],
    'needs-approval': [409, false],
    denied: [403, false],
    expired: [410, true],
    cancelled: [409, true],
    conflict: [409, false],
    duplicate: [409, false],
    'not-found': [404, false],
    'too-large': [413, false],
    'rate-limited': [429, true],
    unavailable: [503, true],
    interrupted: [503, true],
    'not-ready': [504, true],
    'timed-out': [504, true],
    'model-auth': [502, true],
    'model-empty': [502, true],
    'model-timeout': [504, true],
    'model-rate': [429, true],
    'model-error': [502, true],
    internal: [500, true],
  })
})

test('what nobody can put right by trying again is not called retryable', () => {
  const stays: FaultCode[] = ['invalid', 'unauthenticated', 'unauthorized', 'denied', 'not-found', 'too-large']
  expect(stays.filter((code) => new Fault(code, '').retry)).toEqual([])
})

test.each(['toString', '__proto__', 'constructor', '', 'Invalid', 'pow'])('%j is no code', (word) => {
  expect(isFaultCode(word)).toBe(false)
})

describe('whatever was thrown', () => {
  test('stays as it is when it is a Fault', () => {
    const fault = new Fault('denied', 'no')
    expect(toFault(fault)).toBe(fault)
  })

  test.each([{ thrown: new Error('SELECT secret FROM keys') }, { thrown: 'text' }, { thrown: undefined }])(
    'becomes internal, and says nothing of $thrown',
    ({ thrown }) => {
      const fault = toFault(thrown)
      expect(fault).toMatchObject({ code: 'internal', message: 'internal error', reason: 'error: internal error' })
      expect(fault.cause).toBe(thrown)
    },
  )
})
