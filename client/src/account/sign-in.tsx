import { createSignal, Show } from 'solid-js'
import { Dialog } from '../parts/dialog.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { useUi } from '../shell/ui.ts'
import { useWire } from '../wire.ts'
import { connectExtension, hasExtension } from './extension.ts'

/** The three ways to a key, one at a time; each ends with a problem or goes on to `done`. */
function useWays(done: () => void) {
  const { run } = useWire()
  const [busy, setBusy] = createSignal(false)
  const [wrong, setWrong] = createSignal('')
  const attempt = async (act: () => Promise<{ ok: true } | { ok: false; error: { message: string } }>) => {
    setBusy(true)
    setWrong('')
    try {
      const ran = await act()
      if (ran.ok) done()
      else setWrong(ran.error.message)
    } catch (error) {
      setWrong(error instanceof Error ? error.message : 'Your signer said no. Nothing was published.')
    }
    setBusy(false)
  }
  return {
    busy,
    wrong,
    create: () => void attempt(() => run('createKey')),
    extension: () => void attempt(async () => run('useExtension', { pubkey: await connectExtension() })),
    bring: (secret: string, password: string) => void attempt(() => run('importKey', { secret, password })),
  }
}

/** Makes or brings a key. Whatever led here goes on afterwards. */
export function SignIn(props: { next?: () => void }) {
  const { view } = useWire()
  const ui = useUi()
  const ways = useWays(() => {
    const { next } = props
    ui.close()
    next?.()
  })
  return (
    <Dialog
      title="Sign in with a key"
      onClose={ui.close}
      foot={
        <button type="button" class="button" onClick={ui.close}>
          Not now
        </button>
      }
    >
      <p class="soft">Your key is your account. It works here and in every Nostr app. We never see it.</p>
      <Show
        when={view.secure}
        fallback={
          <p class="failure">
            This address is not secure, so the browser cannot protect a key. Open this page over https, or at
            http://localhost.
          </p>
        }
      >
        <Ways of={ways} />
      </Show>
      <Show when={ways.wrong()}>
        <p class="failure" role="alert">
          {ways.wrong()}
        </p>
      </Show>
    </Dialog>
  )
}

function Ways(props: { of: ReturnType<typeof useWays> }) {
  const [own, setOwn] = createSignal(false)
  return (
    <>
      <div class="options">
        <Option
          icon="key"
          title="Create a new key in this browser"
          text="One click. Back it up once and you are done."
          busy={props.of.busy()}
          onPress={props.of.create}
        />
        <Show when={hasExtension()}>
          <Option
            icon="plug"
            title="Browser extension"
            text="It signs for you, and your key stays in it."
            busy={props.of.busy()}
            onPress={props.of.extension}
          />
        </Show>
        <Option
          icon="import"
          title="I have a key"
          text="Paste an nsec, or an ncryptsec with its password"
          busy={props.of.busy()}
          expanded={own()}
          onPress={() => setOwn(!own())}
        />
      </div>
      <Show when={own()}>
        <OwnKey busy={props.of.busy()} onBring={props.of.bring} />
      </Show>
    </>
  )
}

type OptionProps = { icon: IconName; title: string; text: string; busy: boolean; expanded?: boolean; onPress(): void }

const Option = (props: OptionProps) => (
  <button
    type="button"
    class="option"
    disabled={props.busy}
    aria-expanded={props.expanded}
    onClick={() => props.onPress()}
  >
    <Icon name={props.icon} />
    <span>
      <strong>{props.title}</strong>
      <span class="fine">{props.text}</span>
    </span>
  </button>
)

function OwnKey(props: { busy: boolean; onBring(secret: string, password: string): void }) {
  const [secret, setSecret] = createSignal('')
  const [password, setPassword] = createSignal('')
  const isLocked = () => secret().trim().startsWith('ncryptsec1')
  return (
    <form
      class="own-key"
      onSubmit={(event) => {
        event.preventDefault()
        props.onBring(secret(), password())
        setSecret('')
        setPassword('')
      }}
    >
      <p class="fine">
        Pasting a secret key into a website is risky. It is encrypted in this browser, and never leaves it.
      </p>
      <label class="field">
        <span>Secret key</span>
        <input
          class="input mono"
          type="password"
          autocomplete="off"
          value={secret()}
          onInput={(event) => setSecret(event.currentTarget.value)}
        />
      </label>
      <Show when={isLocked()}>
        <label class="field">
          <span>Its password</span>
          <input
            class="input"
            type="password"
            autocomplete="off"
            value={password()}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
      </Show>
      <button type="submit" class="button primary" disabled={props.busy || secret().trim() === ''}>
        {props.busy ? 'Opening the key' : 'Use this key'}
      </button>
    </form>
  )
}
