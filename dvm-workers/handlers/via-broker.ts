import { encodeProgress } from '#nips/job-answers'
import { isEncrypted } from '#nips/job-events'
import { parseJson } from '#nips/kit/bytes'
import { Fault, isFaultCode, toFault } from '#nips/kit/fault'
import type { BrokerLine, Ticket } from '#nips/ticket'
import type { WorkerDeps } from '../worker.ts'
import type { Handler, Running } from './handler.ts'

/** Milliseconds between attempts while the broker is away. */
const RETRY = [500, 5000] as const

/**
 * Hands the signed events to the broker and passes on what it says. The broker does each job once, so after any cut
 * the same ticket is brought again.
 */
export const viaBroker: Handler = async (running, deps) => {
  let wait: number = RETRY[0]
  for (;;) {
    try {
      return await listen(running, deps)
    } catch (thrown) {
      const fault = toFault(thrown)
      if (!isAway(thrown) || running.signal.aborted)
        throw running.signal.aborted ? toFault(running.signal.reason) : fault
      await deps.clock.sleep(wait, running.signal)
      wait = Math.min(wait * 2, RETRY[1])
    }
  }
}

/** The broker itself is gone, in contrast to what it says about a job. */
class Away extends Fault {}
const isAway = (thrown: unknown): boolean => thrown instanceof Away

async function listen(running: Running, deps: WorkerDeps): Promise<Record<string, unknown>> {
  const lines = deps.broker.job(ticketOf(running), running.signal)
  for (;;) {
    const next = await lines.next().catch((thrown) => {
      const fault = toFault(thrown)
      throw fault.code === 'unavailable' ? new Away('unavailable', fault.message, fault) : fault
    })
    if (next.done === true) throw new Away('unavailable', 'the gateway broker hung up')
    const line = next.value
    if (line.type === 'result') return line.output
    if (line.type === 'fault') throw faultOf(line, running)
    await pass(line, running, deps)
  }
}

function ticketOf({ row, request }: Running): Ticket {
  const event = (text: string | null) => (text === null ? undefined : (parseJson(text) as Ticket['request']))
  const approval = event(row.approval)
  const decision = event(row.decision)
  return {
    request: parseJson(row.request) as Ticket['request'],
    ...(isEncrypted(request.event) ? { params: request.params } : {}),
    ...(approval && decision ? { approval, decision } : {}),
  }
}

async function pass(line: BrokerLine, running: Running, deps: WorkerDeps): Promise<void> {
  const { voice, request } = running
  if (line.type === 'delta') voice.add(line.text)
  if (line.type === 'snapshot') voice.replace(line.text)
  if (line.type === 'step') voice.step(line.phase, line.progress)
  if (line.type !== 'phase') return
  voice.enter(line.phase)
  const progress = await encodeProgress({ request, cipher: deps.key.cipher, now: deps.clock.now() }, line.phase)
  void deps.link.publish(deps.key.sign(progress)).catch(() => undefined)
}

function faultOf(line: Extract<BrokerLine, { type: 'fault' }>, { voice }: Running): Fault {
  if (line.text !== '') voice.replace(line.text)
  return new Fault(isFaultCode(line.code) ? line.code : 'internal', line.message)
}
