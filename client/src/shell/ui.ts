import { type Accessor, createContext, createSignal, useContext } from 'solid-js'
import type { Clock } from '#nips/kit/clock'

/** What can lie over the page; one at a time. */
export type Overlay =
  | { name: 'sign-in'; next?: () => void }
  | { name: 'backup' }
  | { name: 'sign-out' }
  | { name: 'provision'; intro: string; sent?: () => void }
  | { name: 'delete'; instance: string }

type Toast = { id: number; text: string }

/** The page's own state: what is open, what was said. Nothing of it is kept. */
export type Ui = {
  overlay: Accessor<Overlay | undefined>
  open(overlay: Overlay): void
  close(): void
  toasts: Accessor<Toast[]>
  /** For outcomes that are not visible where the person looks. */
  toast(text: string): void
  /** The newest line for screen readers. */
  announced: Accessor<string>
  announce(text: string): void
}

const TOAST = 6000

export function createUi(clock: Clock): Ui {
  const [overlay, setOverlay] = createSignal<Overlay>()
  const [toasts, setToasts] = createSignal<Toast[]>([])
  const [announced, announce] = createSignal('')
  let count = 0
  const toast = async (text: string): Promise<void> => {
    count += 1
    const id = count
    setToasts((shown) => [...shown, { id, text }])
    await clock.sleep(TOAST)
    setToasts((shown) => shown.filter((other) => other.id !== id))
  }
  return {
    overlay,
    open: (next) => setOverlay(next),
    close: () => setOverlay(undefined),
    toasts,
    toast: (text) => void toast(text),
    announced,
    announce,
  }
}

const UiContext = createContext<Ui>()
export const UiProvider = UiContext.Provider

export function useUi(): Ui {
  const ui = useContext(UiContext)
  if (ui === undefined) throw new Error('no ui')
  return ui
}
