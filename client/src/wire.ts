import { batch, createContext, useContext } from 'solid-js'
import { createStore, reconcile, type SetStoreFunction } from 'solid-js/store'
import type { CommandName, Commands, ErrorView, FromWorker, Patch, ToWorker, View } from './model.ts'
import { emptyView } from './model.ts'

type Args<N extends CommandName> = Parameters<Commands[N]>
type Ran<N extends CommandName> = { ok: true; value: ReturnType<Commands[N]> } | { ok: false; error: ErrorView }

/** The page's end of the Worker: what to show, and what to ask for. */
export type Wire = {
  readonly view: View
  /** Asks the Worker; a refusal is a value, so that every caller has to say what people see then. */
  run<N extends CommandName>(name: N, ...args: Args<N>): Promise<Ran<N>>
}

export type WireDeps = {
  worker: Pick<Worker, 'postMessage' | 'onmessage'>
  notice(text: string): void
  /** Passes a call on to the NIP-07 extension. */
  sign(call: Extract<FromWorker, { type: 'sign' }>['call']): Promise<unknown>
}

export function createWire({ worker, notice, sign }: WireDeps): Wire {
  const [view, setView] = createStore<View>(structuredClone(emptyView))
  const asked = new Map<number, (ran: Ran<CommandName>) => void>()
  const send = (message: ToWorker): void => worker.postMessage(message)
  let count = 0

  const settle = (id: number, ran: Ran<CommandName>): void => {
    asked.get(id)?.(ran)
    asked.delete(id)
  }
  const hear = (message: FromWorker): void => {
    if (message.type === 'patches') {
      batch(() => {
        for (const patch of message.patches) applyPatch(setView, patch)
      })
    } else if (message.type === 'done') settle(message.id, { ok: true, value: message.value } as Ran<CommandName>)
    else if (message.type === 'failed') settle(message.id, { ok: false, error: message.error })
    else if (message.type === 'notice') notice(message.text)
    else {
      sign(message.call).then(
        (value) => send({ type: 'signed', id: message.id, value: value as string }),
        (error) => send({ type: 'unsigned', id: message.id, reason: reasonOf(error) }),
      )
    }
  }
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => hear(data)

  return {
    view,
    run: (name, ...args) =>
      new Promise((resolve) => {
        count += 1
        asked.set(count, resolve as (ran: Ran<CommandName>) => void)
        send({ type: 'command', id: count, name, args: args[0] })
      }),
  }
}

/** The only writer of the view. */
function applyPatch(set: SetStoreFunction<View>, patch: Patch): void {
  if ('slice' in patch) set(patch.slice, reconcile(patch.value as never, { key: 'id', merge: true }))
  else if ('grow' in patch) set('turns', patch.grow, (turn) => ({ answer: turn.answer + patch.text }))
  else if ('clear' in patch) set(patch.clear, reconcile({}))
  else if (patch.row === null) set(patch.table, patch.key, undefined as never)
  else set(patch.table, patch.key, reconcile(patch.row as never, { merge: true }))
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && error.message !== '' ? error.message : 'Your signer said no. Nothing was published.'

const WireContext = createContext<Wire>()
export const WireProvider = WireContext.Provider

export function useWire(): Wire {
  const wire = useContext(WireContext)
  if (wire === undefined) throw new Error('no wire')
  return wire
}
