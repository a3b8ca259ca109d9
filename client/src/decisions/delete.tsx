import { createSignal, Show } from 'solid-js'
import { Dialog } from '../parts/dialog.tsx'
import { useUi } from '../shell/ui.ts'
import { useWire } from '../wire.ts'

/** Ends a gateway for good; its name has to be typed. */
export function Delete(props: { instance: string }) {
  const { view, run } = useWire()
  const ui = useUi()
  const [typed, setTyped] = createSignal('')
  const [wrong, setWrong] = createSignal('')
  const slug = () => view.instances.find(({ id }) => id === props.instance)?.slug ?? ''
  const matches = () => slug() !== '' && typed().trim() === slug()
  const remove = async () => {
    if (!matches()) return
    const ran = await run('deleteInstance', { instance: props.instance })
    if (ran.ok) ui.close()
    else setWrong(`${ran.error.message} ${ran.error.fix}`)
  }
  return (
    <Dialog
      title={`Delete ${slug()}?`}
      onClose={ui.close}
      foot={
        <>
          <button type="button" class="button" onClick={ui.close}>
            Keep it
          </button>
          <button type="button" class="button primary destructive" disabled={!matches()} onClick={() => void remove()}>
            Delete gateway
          </button>
        </>
      }
    >
      <p class="soft">
        The gateway stops now, and its files, sessions and tokens are erased. That cannot be undone. Your chats here
        stay.
      </p>
      <label class="field">
        <span>
          Type <strong>{slug()}</strong> to confirm
        </span>
        <input
          class="input"
          autocomplete="off"
          spellcheck={false}
          value={typed()}
          onInput={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') void remove()
          }}
        />
      </label>
      <Show when={wrong()}>
        <p class="fine wrong" role="alert">
          {wrong()}
        </p>
      </Show>
    </Dialog>
  )
}
