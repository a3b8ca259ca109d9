import { describe, expect, test } from 'vitest'
import { splitArguments } from './arguments.ts'

describe('what stands before a command', () => {
  test.each([
    { says: 'nothing', argv: [], is: { sets: [], rest: [] } },
    { says: 'nothing but the command', argv: ['scan', '{}'], is: { command: 'scan', rest: ['{}'] } },
    { says: 'a file', argv: ['--config', 'a b.conf', 'relay'], is: { config: 'a b.conf', command: 'relay' } },
    { says: 'a file behind "="', argv: ['--config=a=b', 'relay'], is: { config: 'a=b' } },
    {
      says: 'values',
      argv: ['--set=a=1', '--set', 'b=2', '--set', 'c', '3', 'relay'],
      is: { sets: ['a=1', 'b=2', 'c=3'] },
    },
    { says: 'a level', argv: ['--verbosity=ERROR', 'import'], is: { quiet: true, command: 'import' } },
    { says: 'a level that tells all', argv: ['--verbosity', '1', 'import'], is: { quiet: false, command: 'import' } },
    { says: 'a call for help', argv: ['-h'], is: { help: true } },
    {
      says: "not the command's own options",
      argv: ['sync', '--help', '--set=x=y'],
      is: { help: false, sets: [], rest: ['--help', '--set=x=y'] },
    },
  ])('may be $says', ({ argv, is }) => {
    expect(splitArguments(argv)).toMatchObject(is)
  })

  test.each([
    { argv: ['--conf', 'x'], says: /unknown option --conf/ },
    { argv: ['-x'], says: /unknown option -x/ },
    { argv: ['--config'], says: /a value is missing behind --config/ },
  ])('is refused: $argv', ({ argv, says }) => {
    expect(() => splitArguments(argv)).toThrow(says)
  })
})
