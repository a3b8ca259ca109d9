import { describe, expect, test } from 'vitest'
import { Fault } from './fault.ts'
import { EX_CONFIG, explainSystemError, runProgram } from './program.ts'

async function run(main: () => Promise<void>) {
  const lines: unknown[] = []
  const exits: number[] = []
  await runProgram(
    'relay',
    { log: (event, fields) => void lines.push([event, fields]), exit: (code) => void exits.push(code) },
    main,
  )
  return { lines, exits }
}

describe('a program', () => {
  test('that runs neither logs nor exits', async () => {
    expect(await run(async () => undefined)).toEqual({ lines: [], exits: [] })
  })

  test.each([
    { says: 'settings at fault', thrown: new Fault('invalid', 'PORT is wrong'), code: EX_CONFIG },
    { says: 'data of a newer version', thrown: new Fault('conflict', 'newer'), code: EX_CONFIG },
    { says: 'something that passes', thrown: new Fault('unavailable', 'the disk is full'), code: 1 },
    { says: 'a taken port', thrown: Object.assign(new Error('x'), { code: 'EADDRINUSE', port: 80 }), code: 1 },
    { says: 'a mistake of ours', thrown: new TypeError('undefined is not a function'), code: 1 },
  ])('with $says ends with exit code $code', async ({ thrown, code }) => {
    const { exits, lines } = await run(() => Promise.reject(thrown))
    expect(exits).toEqual([code])
    expect(lines).toHaveLength(1)
  })

  test('says in one line what is wrong and what to do', async () => {
    const { lines } = await run(() => Promise.reject(new Fault('invalid', 'PORT is wrong')))
    const fields = { message: 'PORT is wrong', fix: 'Correct the request and send it again.' }
    expect(lines).toEqual([['relay.failed', fields]])
  })

  test('gives the cause of a mistake of ours to the log only', async () => {
    const cause = new TypeError('undefined is not a function')
    const { lines } = await run(() => Promise.reject(cause))
    expect(lines).toMatchObject([['relay.failed', { message: 'internal error', error: { cause } }]])
  })
})

describe('what the system refuses', () => {
  test.each([
    { error: { code: 'EADDRINUSE', port: 8080 }, fault: 'unavailable', words: ['8080', 'PORT'] },
    { error: { code: 'EACCES', path: '/data' }, fault: 'invalid', words: ['/data', 'DATA_DIR'] },
    { error: { code: 'EROFS', path: '/data' }, fault: 'invalid', words: ['/data', 'DATA_DIR'] },
    { error: { code: 'SQLITE_CANTOPEN', message: 'cannot' }, fault: 'invalid', words: ['cannot', 'DATA_DIR'] },
    { error: { code: 'ENOSPC' }, fault: 'unavailable', words: ['full'] },
    { error: { code: 'SQLITE_FULL' }, fault: 'unavailable', words: ['full'] },
  ])('with $error.code is said in words', ({ error, fault, words }) => {
    const explained = explainSystemError(error) as Fault
    expect(explained).toBeInstanceOf(Fault)
    expect(explained).toMatchObject({ code: fault, cause: error })
    expect(words.filter((word) => !explained.message.includes(word))).toEqual([])
  })

  test.each([{ thrown: new Error('other') }, { thrown: undefined }, { thrown: 'text' }])(
    '$thrown stays',
    ({ thrown }) => {
      expect(explainSystemError(thrown)).toBe(thrown)
    },
  )
})
