import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '#nips/kit/clock'
import { person, unsigned } from '../testing/events.ts'
import { createPlugin, type Plugin, type Source } from './plugin.ts'
import { startProgram } from './program.ts'

const author = person()
const note = (content = '') => unsigned({ pubkey: author.pubkey, content })
const from: Source = { type: 'IP4', info: '1.2.3.4' }
const failed = { action: 'reject', msg: 'error: internal error' }

let folder: string
let open: Plugin[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plugin-'))
  open = []
})
afterEach(() => {
  for (const plugin of open) plugin.close()
  rmSync(folder, { recursive: true })
})

function script(text: string, name = 'plugin'): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  chmodSync(path, 0o755)
  return path
}

/** A plugin in Node: `answer` is the body of a function of `request` that gives the line to write, or nothing. */
const inNode = (answer: string, name?: string): string =>
  script(
    `#!${process.execPath}
let number = 0
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line)
  number += 1
  const answer = ((request, number) => { ${answer} })(request, number)
  if (answer !== undefined) console.log(typeof answer === 'string' ? answer : JSON.stringify(answer))
})`,
    name,
  )

function plugin(command: string | (() => string), timeout = 10) {
  const logged: [event: string, fields: Record<string, unknown>][] = []
  const made = createPlugin({
    settings: () => ({ command: typeof command === 'string' ? command : command(), timeout }),
    start: (line) => startProgram(line, (ms, action) => setTimeout(action, ms)),
    version: (path) => String(statSync(path).mtimeMs),
    clock: systemClock(),
    log: (event, fields = {}) => logged.push([event, fields]),
  })
  open.push(made)
  return {
    ask: made.ask,
    logged,
    failures: () => logged.filter(([event]) => event === 'plugin.failed').map(([, fields]) => String(fields.cause)),
  }
}

describe('a plugin', { timeout: 20_000 }, () => {
  test('is told what strfry tells: the event, when, from where and by whom', async () => {
    const { ask } = plugin(inNode('return { id: request.event.id, action: "reject", msg: JSON.stringify(request) }'))
    const event = note('é "x"')
    const { msg } = await ask(event, { type: 'IP6', info: '::1', authed: author.pubkey })
    expect(JSON.parse(msg)).toEqual({
      type: 'new',
      event: { ...event },
      receivedAt: expect.closeTo(Date.now() / 1000, -1),
      sourceType: 'IP6',
      sourceInfo: '::1',
      authed: author.pubkey,
    })
    expect(JSON.parse((await ask(event, from)).msg)).not.toHaveProperty('authed')
  })

  test.each([
    { answer: { action: 'accept' }, is: { action: 'accept', msg: '' } },
    {
      answer: { action: 'reject', msg: 'blocked: not on the list' },
      is: { action: 'reject', msg: 'blocked: not on the list' },
    },
    { answer: { action: 'shadowReject' }, is: { action: 'shadowReject', msg: '' } },
  ])('answers $answer.action', async ({ answer, is }) => {
    const { ask } = plugin(inNode(`return { id: request.event.id, ...${JSON.stringify(answer)} }`))
    expect(await ask(note(), from)).toEqual(is)
  })

  test('may be a shell script of a few lines', async () => {
    const { ask } = plugin(
      script(`#!/bin/sh
while read -r line; do
  id=$(printf '%s' "$line" | sed 's/.*"event":{"id":"\\([0-9a-f]*\\)".*/\\1/')
  echo "{\\"id\\":\\"$id\\",\\"action\\":\\"accept\\"}"
done`),
    )
    expect(await ask(note(), from)).toEqual({ action: 'accept', msg: '' })
    expect(await ask(note('2'), from)).toEqual({ action: 'accept', msg: '' })
  })

  test('may be a command with words, and what it writes that is no JSON is passed over', async () => {
    const path = inNode('console.log("hello"); console.log(""); return { id: request.event.id, action: "accept" }')
    const { ask, logged } = plugin(`SOME=thing ${path}`)
    expect(await ask(note(), from)).toEqual({ action: 'accept', msg: '' })
    expect(logged.filter(([event]) => event === 'plugin.unparseable')).toEqual([
      ['plugin.unparseable', { line: 'hello' }],
      ['plugin.unparseable', { line: '' }],
    ])
  })

  test('is asked about one event at a time, in order, by one process', async () => {
    const { ask, logged } = plugin(
      inNode(`globalThis.open = (globalThis.open ?? 0) + 1
        if (globalThis.open > 1) return { id: request.event.id, action: 'reject', msg: 'two at once' }
        setTimeout(() => { globalThis.open -= 1; console.log(JSON.stringify({ id: request.event.id, action: 'reject', msg: String(number) })) }, 2)`),
    )
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(note(String(index)), from)))
    expect(answers.map(({ msg }) => msg)).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 1)))
    expect(logged.filter(([event]) => event === 'plugin.started')).toHaveLength(1)
  })

  test('may take its time to start', async () => {
    const { ask } = plugin(`sleep 0.5; exec ${inNode('return { id: request.event.id, action: "accept" }')}`)
    expect(await ask(note(), from)).toEqual({ action: 'accept', msg: '' })
  })

  test.each([
    { says: 'ends without an answer', command: () => 'exit 3', cause: /ended \(3\)/ },
    { says: 'is not there', command: () => join(folder, 'none'), cause: /ENOENT/ },
    { says: 'is no program', command: () => 'no-such-program with words', cause: /ended \(127\)/ },
    {
      says: 'answers for another event',
      command: () => inNode('return { id: "0".repeat(64), action: "accept" }'),
      cause: /another event/,
    },
    {
      says: 'answers with an unknown action',
      command: () => inNode('return { id: request.event.id, action: "maybe" }'),
      cause: /unknown action: maybe/,
    },
    { says: 'answers with something else', command: () => inNode('return "[1]"'), cause: /another event/ },
    {
      says: 'writes a line without end',
      command: () => inNode('return "x".repeat(9000)'),
      cause: /more than 8192 bytes/,
    },
    {
      says: 'does not answer in time',
      command: () => inNode('return undefined'),
      timeout: 0.4,
      cause: /within 0\.4 seconds/,
    },
  ])('that $says refuses the event', async ({ command, cause, timeout = 10 }) => {
    const { ask, failures } = plugin(command(), timeout)
    expect(await ask(note(), from)).toEqual(failed)
    expect(failures()).toEqual([expect.stringMatching(cause)])
  })

  test('that crashes is started anew at the next event', async () => {
    const { ask, logged } = plugin(
      inNode(
        'if (number === 2) process.exit(1); return { id: request.event.id, action: "reject", msg: String(number) }',
      ),
    )
    const answers = []
    for (let index = 0; index < 4; index++) answers.push((await ask(note(String(index)), from)).msg)
    expect(answers).toEqual(['1', failed.msg, '1', failed.msg])
    expect(logged.filter(([event]) => event === 'plugin.started')).toHaveLength(2)
  })

  test('that hangs does not stay behind, not even its children', async () => {
    const pids = join(folder, 'pids')
    const { ask } = plugin(`trap '' TERM; sleep 60 & echo $! $$ > ${pids}; wait; wait`, 0.4)
    expect(await ask(note(), from)).toEqual(failed)
    const alive = () =>
      readFileSync(pids, 'utf8')
        .trim()
        .split(' ')
        .filter((pid) => {
          try {
            return process.kill(Number(pid), 0)
          } catch {
            return false
          }
        })
    await expect.poll(alive, { timeout: 5000 }).toEqual([])
  })

  test('is started anew when its script has changed, or the setting', async () => {
    const path = inNode('return { id: request.event.id, action: "reject", msg: "one" }')
    let command = path
    const { ask } = plugin(() => command)
    expect((await ask(note(), from)).msg).toBe('one')
    inNode('return { id: request.event.id, action: "reject", msg: "two" }')
    utimesSync(path, 5, 5)
    expect((await ask(note(), from)).msg).toBe('two')
    command = inNode('return { id: request.event.id, action: "reject", msg: "three" }', 'other')
    expect((await ask(note(), from)).msg).toBe('three')
    command = ''
    expect(await ask(note(), from)).toEqual({ action: 'accept', msg: '' })
  })

  test('that does not keep up is not given more to remember without end', async () => {
    const { ask } = plugin('cat > /dev/null')
    const event = note()
    for (let count = 0; count < 10_000; count++) void ask(event, from)
    expect(await ask(event, from)).toEqual({
      action: 'reject',
      msg: 'error: the write policy does not keep up, try again',
    })
  })
})
