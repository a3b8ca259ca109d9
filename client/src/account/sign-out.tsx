import { createSignal, Show } from 'solid-js'
import { Dialog } from '../parts/dialog.tsx'
import { useUi } from '../shell/ui.ts'
import { useWire } from '../wire.ts'

/** Takes the key out of this browser; without a backup that has to be said out loud. */
export function SignOut() {
  const { view, run } = useWire()
  const ui = useUi()
  const [sure, setSure] = createSignal(false)
  const isSafe = () => view.account?.backedUp !== false
  const leave = async () => {
    await run('signOut')
    ui.close()
    ui.toast('Signed out. The key is erased from this browser.')
  }
  return (
    <Dialog
      title="Sign out?"
      onClose={ui.close}
      foot={
        <>
          <button type="button" class="button" onClick={ui.close}>
            Stay
          </button>
          <button
            type="button"
            class="button primary destructive"
            disabled={!isSafe() && !sure()}
            onClick={() => void leave()}
          >
            Sign out
          </button>
        </>
      }
    >
      <p class="soft">Your key, and the chats kept in this browser, are erased from it. What is on the relay stays.</p>
      <Show when={view.waiting > 0}>
        <p class="failure">{view.waiting} not sent yet will be lost.</p>
      </Show>
      <Show when={!isSafe()}>
        <p class="failure">
          Your key is not backed up. Without a backup, this account and its gateways are lost for good.
        </p>
        <div class="line">
          <button type="button" class="button" onClick={() => ui.open({ name: 'backup' })}>
            Back up first
          </button>
        </div>
        <label class="check">
          <input type="checkbox" checked={sure()} onChange={(event) => setSure(event.currentTarget.checked)} />I do not
          need this key any more
        </label>
      </Show>
    </Dialog>
  )
}
