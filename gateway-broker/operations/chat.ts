import { MAX_ANSWER_TEXT } from '#nips/jobs/chat'
import { utf8Length } from '#nips/kit/bytes'
import { Fault } from '#nips/kit/fault'
import { runTurn } from '../gateway/turn.ts'
import type { Instances } from '../instances/instances.ts'
import type { BrokerStore } from '../store/store.ts'
import type { Operation } from './operation.ts'
import { requireOwn } from './own.ts'

/** One turn in a thread. A gateway that is just starting is waited for; the run's id is the job's, so it runs once. */
export const chat = ({ store, instances }: { store: BrokerStore; instances: Instances }): Operation<'chat'> => ({
  afterCrash: 'interrupted',
  reserve: ({ input, owner }) => void requireOwn(store, input.instance, owner),
  async run({ instance, text, thread }, { job, phase, text: tell, signal }) {
    const live = await instances.ready(instance, signal)
    const before = live.spent()
    const endless = new AbortController()
    const onText = (whole: string) => {
      if (utf8Length(whole) > MAX_ANSWER_TEXT) endless.abort(tooLong())
      else tell(whole)
    }
    phase('running')
    const answer = await runTurn(live, {
      ...{ session: `agent:main:thread-${thread}`, text, run: job, onText },
      signal: AbortSignal.any([signal, endless.signal]),
    })
    if (utf8Length(answer) > MAX_ANSWER_TEXT) throw tooLong()
    const after = live.spent()
    return {
      text: answer,
      model: live.model,
      inputTokens: after.inputTokens - before.inputTokens,
      outputTokens: after.outputTokens - before.outputTokens,
    }
  },
})

const tooLong = (): Fault => new Fault('too-large', `the answer is longer than ${MAX_ANSWER_TEXT} bytes`)
