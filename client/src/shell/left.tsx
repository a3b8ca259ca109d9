import { useLocation, useSearchParams } from '@solidjs/router'
import { createMemo, For, Show } from 'solid-js'
import { chatsOf } from '../chat/threads.ts'
import { shortKey } from '../format.ts'
import { Avatar } from '../parts/avatar.tsx'
import { GatewayChip } from '../parts/chip.tsx'
import { Icon, Mark } from '../parts/icon.tsx'
import { useWire } from '../wire.ts'
import { linkWords } from './link-words.ts'
import { Splitter } from './splitter.tsx'
import { useUi } from './ui.ts'

/** Gateways, chats, and who I am. */
export function Left(props: { onClose?: () => void }) {
  return (
    <aside class="column left" aria-label="Workspace">
      <Show when={props.onClose === undefined}>
        <Splitter side="left" />
      </Show>
      <div class="bar">
        <a class="brand grow" href="/">
          <Mark />
          OpenAgents
        </a>
        <Show when={props.onClose}>
          {(close) => (
            <button type="button" class="button quiet square" aria-label="Close workspace" onClick={() => close()()}>
              <Icon name="close" />
            </button>
          )}
        </Show>
      </div>
      <nav class="scroll nav" aria-label="Workspace">
        <Gateways />
        <Chats />
      </nav>
      <Me />
    </aside>
  )
}

/** The gateway the address names, or the first one on the chat page. */
function useChosen(): () => string | undefined {
  const { view } = useWire()
  const location = useLocation()
  const [search] = useSearchParams<{ gateway: string }>()
  return () => (location.pathname === '/' ? (search.gateway ?? view.instances[0]?.id) : undefined)
}

function Gateways() {
  const { view } = useWire()
  const chosen = useChosen()
  /** Then its chat has a row of its own. */
  const hasChat = (id: string) => chatsOf(view.turns).some(({ instance }) => instance === id)
  const making = createMemo(() => view.tasks.some(({ type, stage }) => type === 'provision' && stage === 'running'))
  return (
    <section>
      <h2>OpenClaw</h2>
      <For
        each={view.instances}
        fallback={<p class="fine pad">{making() ? 'Your first gateway is on its way.' : 'No gateway yet.'}</p>}
      >
        {(instance) => (
          <a
            class="row"
            href={`/?gateway=${instance.id}`}
            aria-current={chosen() === instance.id && !hasChat(instance.id) ? 'page' : undefined}
          >
            <Icon name="server" />
            <span class="cut grow">{instance.slug}</span>
            <GatewayChip state={instance.state} />
          </a>
        )}
      </For>
    </section>
  )
}

function Chats() {
  const { view } = useWire()
  const chosen = useChosen()
  const chats = createMemo(() => chatsOf(view.turns))
  const isGone = (gateway: string) =>
    view.loaded.instances &&
    !view.instances.some(({ id }) => id === gateway) &&
    !view.tasks.some(({ instance, type, stage }) => instance === gateway && type === 'provision' && stage !== 'done')
  return (
    <Show when={chats().length > 0}>
      <section>
        <h2>Chats</h2>
        <For each={chats()}>
          {(chat) => (
            <a
              class="row"
              href={`/?gateway=${chat.instance}`}
              aria-current={chosen() === chat.instance ? 'page' : undefined}
            >
              <span class="state" data-state={chat.working ? 'busy' : undefined} aria-hidden="true" />
              <span class="cut grow">{chat.title}</span>
              <Show when={chat.working}>
                <span class="hidden">, working</span>
              </Show>
              <Show when={isGone(chat.instance)}>
                <span class="fine">deleted</span>
              </Show>
            </a>
          )}
        </For>
      </section>
    </Show>
  )
}

/** Who acts here, and whether the relay hears it. */
function Me() {
  const { view } = useWire()
  const ui = useUi()
  const name = () => {
    const { account, profiles } = view
    if (account === undefined) return ''
    return account === null ? 'Reading without a key' : (profiles[account.pubkey]?.name ?? shortKey(account.npub))
  }
  return (
    <div class="me">
      <Show when={view.account}>{(account) => <Avatar who="person" name={account().npub.slice(5)} />}</Show>
      <span class="grow cut">
        <span class="cut name">{name()}</span>
        <span class="fine">{linkWords(view.link)}</span>
      </span>
      <Show
        when={view.account}
        fallback={
          <Show when={view.account === null}>
            <button type="button" class="button" onClick={() => ui.open({ name: 'sign-in' })}>
              Sign in
            </button>
          </Show>
        }
      >
        <a class="button quiet square" href="/settings" aria-label="You and settings">
          <Icon name="settings" />
        </a>
      </Show>
    </div>
  )
}
