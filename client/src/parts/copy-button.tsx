import { createSignal, Show } from 'solid-js'
import { useTime } from '../time.ts'
import { Icon } from './icon.tsx'

/** Copies text and says so for two seconds. */
export function CopyButton(props: { text: string; label: string; word?: string }) {
  const { clock } = useTime()
  const [copied, setCopied] = createSignal(false)
  const copy = async () => {
    await navigator.clipboard.writeText(props.text)
    setCopied(true)
    await clock.sleep(2000)
    setCopied(false)
  }
  return (
    <button
      type="button"
      class="button quiet"
      classList={{ square: props.word === undefined }}
      aria-label={copied() ? 'Copied' : props.label}
      onClick={() => void copy().catch(() => undefined)}
    >
      <Icon name={copied() ? 'check' : 'copy'} />
      <Show when={props.word}>{(word) => <span>{copied() ? 'Copied' : word()}</span>}</Show>
    </button>
  )
}
