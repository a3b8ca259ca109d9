import { createSignal, Show } from 'solid-js'
import { CopyButton } from '../parts/copy-button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { useUi } from '../shell/ui.ts'
import { useWire } from '../wire.ts'

/** Characters a password must have at least: the file may be found by others. */
const LEAST = 8

/** NIP-49: a password, then the locked key to keep, then the person says that it is kept. */
export function Backup() {
  const { run } = useWire()
  const ui = useUi()
  const [locked, setLocked] = createSignal('')
  const [saved, setSaved] = createSignal(false)
  const finish = async () => {
    await run('confirmBackup')
    ui.close()
    ui.toast('Your key is backed up.')
  }
  return (
    <Dialog
      title="Back up your key"
      onClose={ui.close}
      foot={
        <>
          <button type="button" class="button" onClick={ui.close}>
            Later
          </button>
          <Show when={locked()}>
            <button type="button" class="button primary" disabled={!saved()} onClick={() => void finish()}>
              Continue
            </button>
          </Show>
        </>
      }
    >
      <Show when={locked()} fallback={<Password onLocked={setLocked} />}>
        <p class="soft">Write this down or save the file. If you lose it, nobody can restore your account.</p>
        <code class="key-text">{locked()}</code>
        <div class="line">
          <CopyButton text={locked()} label="Copy the locked key" word="Copy" />
          <button type="button" class="button" onClick={() => download(locked())}>
            <Icon name="save" />
            Save as a file
          </button>
        </div>
        <label class="check">
          <input type="checkbox" checked={saved()} onChange={(event) => setSaved(event.currentTarget.checked)} />I saved
          it, and I know the password
        </label>
      </Show>
    </Dialog>
  )
}

function Password(props: { onLocked(locked: string): void }) {
  const { run } = useWire()
  const [password, setPassword] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  const [wrong, setWrong] = createSignal('')
  const lock = async () => {
    setBusy(true)
    const ran = await run('makeBackup', { password: password() })
    setBusy(false)
    if (ran.ok) props.onLocked(ran.value)
    else setWrong(ran.error.message)
  }
  return (
    <form
      class="own-key"
      onSubmit={(event) => {
        event.preventDefault()
        void lock()
      }}
    >
      <p class="soft">
        Choose a password. It locks a copy of your key (NIP-49) that you can keep anywhere and open in other Nostr apps.
        There is no way to reset it.
      </p>
      <label class="field">
        <span>Password, at least {LEAST} characters</span>
        <input
          class="input"
          type="password"
          autocomplete="new-password"
          value={password()}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
      </label>
      <Show when={wrong()}>
        <p class="failure" role="alert">
          {wrong()}
        </p>
      </Show>
      <button type="submit" class="button primary" disabled={busy() || password().length < LEAST}>
        {busy() ? 'Locking your key' : 'Lock my key'}
      </button>
    </form>
  )
}

function download(locked: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([`${locked}\n`], { type: 'text/plain' }))
  link.download = 'openagents-key.txt'
  link.click()
  URL.revokeObjectURL(link.href)
}
