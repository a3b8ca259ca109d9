import { createEffect, createSignal, untrack } from 'solid-js'
import { useWire } from '../wire.ts'
import { useUi } from './ui.ts'

/** Runs what needs a key; whoever has none is asked for one first. A click before the Worker has told waits for it. */
export function useKey(): (action: () => void) => void {
  const { view } = useWire()
  const ui = useUi()
  const [due, setDue] = createSignal<() => void>()
  createEffect(() => {
    const action = due()
    if (action === undefined || view.account === undefined) return
    setDue(undefined)
    if (view.account === null) ui.open({ name: 'sign-in', next: action })
    else untrack(action)
  })
  return (action) => setDue(() => action)
}
