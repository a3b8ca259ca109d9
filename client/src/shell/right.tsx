import { createSignal, For, lazy, Show, Suspense } from 'solid-js'
import { useGateway } from '../chat/gateway.ts'
import { Posts } from '../community/posts.tsx'
import { Icon } from '../parts/icon.tsx'
import { Splitter } from './splitter.tsx'

const Details = lazy(() => import('./details.tsx').then(({ Details }) => ({ default: Details })))

const tabs = ['Community', 'Details'] as const
type Tab = (typeof tabs)[number]

/** The shared column: the community, or facts about the gateway in the middle. */
export function Right(props: { onClose?: () => void }) {
  const gateway = useGateway()
  const [wanted, setWanted] = createSignal<Tab>('Community')
  const tab = (): Tab => (gateway() === undefined ? 'Community' : wanted())
  return (
    <aside class="column right" aria-label="Community and details">
      <Show when={props.onClose === undefined}>
        <Splitter side="right" />
      </Show>
      <div class="bar">
        <Show when={gateway()} fallback={<h2 class="grow">Community</h2>}>
          {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form */}
          <div class="tabs grow" role="group" aria-label="Show in this column">
            <For each={tabs}>
              {(name) => (
                <button type="button" aria-pressed={tab() === name} onClick={() => setWanted(name)}>
                  {name}
                </button>
              )}
            </For>
          </div>
        </Show>
        <Show when={tab() === 'Community'}>
          <a class="button quiet" href="/feed">
            Open feed
          </a>
        </Show>
        <Show when={props.onClose}>
          {(close) => (
            <button type="button" class="button quiet square" aria-label="Close column" onClick={() => close()()}>
              <Icon name="close" />
            </button>
          )}
        </Show>
      </div>
      <section class="scroll" aria-label={tab()} tabindex="0">
        <Show when={tab() === 'Community' ? undefined : gateway()} fallback={<Posts compact />}>
          {(instance) => (
            <Suspense>
              <Details instance={instance()} />
            </Suspense>
          )}
        </Show>
      </section>
    </aside>
  )
}
