import { parseJson } from '#nips/kit/bytes'
import type { Command, Context } from './command.ts'
import { createIntake, type Intake, tallyText } from './intake.ts'
import { linesOf } from './lines.ts'

/** Lines that are checked or written at once. */
const IN_HAND = 4000
/** Milliseconds between two words about how far it is. */
const PROGRESS = 2000

/** Reads events from standard input, one on a line. What comes in goes out live from a relay that runs on the same file. */
export const importCommand: Command = {
  name: 'import',
  doc: 'reads events from standard input, one JSON object on a line, and stores them',
  options: {
    'show-rejected': { doc: 'tells every event that is not taken, and why' },
    'no-verify': { doc: 'takes ids and signatures as they are' },
    'debounce-millis': {
      value: 'debounce-millis',
      doc: "taken for strfry's sake: everything that waits is written at once",
    },
    'write-batch': { value: 'write-batch', doc: 'most events of one transaction (1000)' },
    fried: { doc: 'takes lines of a fried export, and leaves out what is fried' },
  },
  async run(given, context) {
    const verifies = !given.has('no-verify')
    if (!verifies) context.say('not verifying event IDs or signatures!')
    const intake = createIntake({
      store: context.store(),
      verifier: verifies ? await context.verifier() : undefined,
      clock: context.clock,
      writeBatch: given.count('write-batch') || undefined,
      ...(given.has('show-rejected') ? { onRejected: (id, why) => context.say(`Rejected event ${id}: ${why}`) } : {}),
    })
    const quiet = context.clock.every(PROGRESS, () => context.say(tallyText(intake.tally)))
    try {
      await takeLines(context, intake)
    } finally {
      quiet()
    }
    context.say(`Done. ${tallyText(intake.tally)}`)
    return 0
  },
}

/** Keeps `IN_HAND` lines on their way: while some are written the next ones are checked. */
async function takeLines({ input, say, stop }: Context, intake: Intake): Promise<void> {
  let number = 0
  let hand: Promise<void>[] = []
  let before: Promise<unknown> = Promise.resolve()
  for await (const lines of linesOf(input)) {
    for (const line of lines) {
      number += 1
      const event = parseJson(line)
      if (event === undefined) say(`Unable to parse JSON on line ${number}`)
      else hand.push(intake.add(event))
    }
    if (hand.length < IN_HAND) continue
    await before
    before = Promise.all(hand)
    hand = []
    if (stop.aborted) break
  }
  await Promise.all([before, ...hand])
}
