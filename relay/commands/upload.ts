import { parseJson } from '#nips/kit/bytes'
import { Fault } from '#nips/kit/fault'
import type { Command, Context } from './command.ts'
import { linesOf } from './lines.ts'
import { connectTo, type Remote } from './remote.ts'

/** Milliseconds without an answer until the relay is given up. */
const QUIET = 60_000

/** What was sent and not answered yet, and how it went so far. */
type Progress = { inFlight: number; sent: number; accepted: number }

export const uploadCommand: Command = {
  name: 'upload',
  doc: 'sends events from standard input, one on a line, to another relay',
  takes: ['url'],
  options: { pipeline: { value: 'pipeline', doc: 'events that may wait for an answer at once (50)' } },
  async run(given, context) {
    const pipeline = given.count('pipeline') || 50
    const remote = await connectTo(given.words[0] ?? '', context)
    const progress: Progress = { inFlight: 0, sent: 0, accepted: 0 }
    for await (const lines of linesOf(context.input))
      for (const line of lines) {
        if (parseJson(line) === undefined) {
          context.say(`Unable to parse JSON: ${line.slice(0, 80)}`)
          continue
        }
        remote.send(`["EVENT",${line}]`)
        progress.inFlight += 1
        while (progress.inFlight >= pipeline) await takeAnswer(remote, progress, context)
      }
    while (progress.inFlight > 0) await takeAnswer(remote, progress, context)
    context.say(`Sent ${progress.sent} events, ${progress.accepted} accepted`)
    remote.close()
    return 0
  },
}

async function takeAnswer(remote: Remote, progress: Progress, { say }: Context): Promise<void> {
  const said = await remote.next(QUIET)
  if (said === undefined) throw new Fault('unavailable', 'the relay ended the connection')
  if (said[0] === 'NOTICE') say(`NOTICE: ${String(said[1])}`)
  if (said[0] !== 'OK') return
  progress.inFlight -= 1
  progress.sent += 1
  if (said[2] === true) progress.accepted += 1
  else say(`Event not written: ${JSON.stringify(said)}`)
  if (progress.sent % 1000 === 0) say(`Sent ${progress.sent} events, ${progress.accepted} accepted`)
}
