import { createSignal, For, Show } from 'solid-js'
import { modelWords } from '../format.ts'
import { Claims } from '../parts/claims.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { Bar } from '../shell/bar.tsx'
import { linkWords } from '../shell/link-words.ts'
import { remember } from '../shell/remember.ts'
import { useUi } from '../shell/ui.ts'
import { useWire } from '../wire.ts'

/** Who I am here, how it looks, and what this server says about itself. */
export const SettingsPage = () => (
  <>
    <Bar title="You" />
    <section class="scroll" tabindex="0" aria-label="You and settings">
      <div class="settings">
        <Key />
        <Appearance />
        <Server />
      </div>
    </section>
  </>
)

function Key() {
  const { view } = useWire()
  const ui = useUi()
  return (
    <section class="setting">
      <h2>Key</h2>
      <Show
        when={view.account}
        fallback={
          <Show when={view.account === null}>
            <p class="soft">You are reading without a key. With one you can post, and have your own OpenClaw.</p>
            <button type="button" class="button primary" onClick={() => ui.open({ name: 'sign-in' })}>
              Make or bring a key
            </button>
          </Show>
        }
      >
        {(account) => (
          <>
            <dl class="facts">
              <dt>Public key</dt>
              <dd class="line">
                <code class="cut">{account().npub}</code>
                <CopyButton text={account().npub} label="Copy your npub" />
              </dd>
              <dt>Kept by</dt>
              <dd>{account().source === 'local' ? 'This browser, encrypted' : 'Your browser extension'}</dd>
              <Show when={account().source === 'local'}>
                <dt>Backup</dt>
                <dd>{account().backedUp ? 'You have one' : 'None yet. If you lose this browser, the key is lost.'}</dd>
              </Show>
            </dl>
            <div class="line">
              <Show when={account().source === 'local'}>
                <button type="button" class="button" onClick={() => ui.open({ name: 'backup' })}>
                  {account().backedUp ? 'Make another backup' : 'Back up your key'}
                </button>
              </Show>
              <button type="button" class="button quiet danger" onClick={() => ui.open({ name: 'sign-out' })}>
                Sign out
              </button>
            </div>
          </>
        )}
      </Show>
    </section>
  )
}

const themes = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const

function Appearance() {
  const root = document.documentElement
  const [theme, setTheme] = createSignal(root.dataset.theme ?? 'system')
  const choose = (name: string) => {
    setTheme(name)
    root.dataset.theme = name
    remember('oa.theme', name)
  }
  return (
    <fieldset class="setting">
      <legend>Appearance</legend>
      <For each={themes}>
        {([name, word]) => (
          <label class="check">
            <input type="radio" name="theme" checked={theme() === name} onChange={() => choose(name)} />
            {word}
          </label>
        )}
      </For>
    </fieldset>
  )
}

function Server() {
  const { view } = useWire()
  const health = () => view.service.health
  return (
    <section class="setting">
      <h2>This server</h2>
      <dl class="facts">
        <dt>Relay</dt>
        <dd>
          {linkWords(view.link)}
          <Show when={view.service.relay}>{(relay) => <code class="block">{relay()}</code>}</Show>
        </dd>
        <dt>OpenClaw service</dt>
        <dd>
          {{ alive: 'Answering', silent: 'Not answering', unknown: 'Not heard from yet' }[view.service.state]}
          <Show when={view.service.pubkey}>{(key) => <code class="block">{key()}</code>}</Show>
        </dd>
        <Show when={view.service.version}>
          {(version) => (
            <>
              <dt>OpenAgents</dt>
              <dd>{version()}</dd>
            </>
          )}
        </Show>
        <Show when={health()}>
          {(told) => (
            <>
              <dt>OpenClaw</dt>
              <dd>
                {told().openclaw.version}, {told().openclaw.state}
              </dd>
              <dt>Model</dt>
              <dd>
                {modelWords(told().model)}
                {told().model.offline ? ': no provider is configured' : ''}
              </dd>
              <dt>Sandbox</dt>
              <dd>
                {told().driver.name}
                <Claims driver={told().driver} />
              </dd>
            </>
          )}
        </Show>
      </dl>
    </section>
  )
}
