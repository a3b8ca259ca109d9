import type { RouteSectionProps } from '@solidjs/router'
import { useLocation } from '@solidjs/router'
import { createEffect, createSignal, ErrorBoundary, For, on, Show, Suspense } from 'solid-js'
import { Drawer } from '../parts/drawer.tsx'
import { createMedia } from '../parts/media.ts'
import { Broken } from './broken.tsx'
import { DrawersProvider } from './drawers.ts'
import { Left } from './left.tsx'
import { useOutcomes } from './outcomes.ts'
import { Overlays } from './overlays.tsx'
import { Right } from './right.tsx'
import { TabBar } from './tab-bar.tsx'
import { useUi } from './ui.ts'

/** The three columns; where there is no room for one it slides over the page. */
export function Shell(props: RouteSectionProps) {
  const wide = createMedia('(min-width: 80rem)')
  const roomy = createMedia('(min-width: 60rem)')
  const phone = createMedia('(max-width: 47.99rem)')
  const [drawer, setDrawer] = createSignal<'left' | 'right'>()
  const location = useLocation()
  useOutcomes()
  createEffect(on([() => location.pathname, () => location.search, wide, roomy], () => setDrawer(undefined)))
  return (
    <DrawersProvider value={{ hasLeft: () => !roomy(), hasRight: () => !wide(), open: setDrawer }}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <div class="shell">
        <Show when={roomy()}>
          <Left />
        </Show>
        <main class="column main" id="main" tabindex="-1">
          <ErrorBoundary fallback={(_error, reset) => <Broken reset={reset} />}>
            <Suspense>{props.children}</Suspense>
          </ErrorBoundary>
        </main>
        <Show when={wide()}>
          <Right />
        </Show>
        <Show when={phone()}>
          <TabBar />
        </Show>
      </div>
      <Show when={drawer() === 'left'}>
        <Drawer side="left" label="Workspace" onClose={() => setDrawer(undefined)}>
          <Left onClose={() => setDrawer(undefined)} />
        </Drawer>
      </Show>
      <Show when={drawer() === 'right'}>
        <Drawer side="right" label="Community and details" onClose={() => setDrawer(undefined)}>
          <Right onClose={() => setDrawer(undefined)} />
        </Drawer>
      </Show>
      <Overlays />
      <Said />
    </DrawersProvider>
  )
}

/** What happened out of sight: as toasts, and as one polite line for screen readers. */
function Said() {
  const ui = useUi()
  return (
    <>
      <div class="toasts" role="status">
        <For each={ui.toasts()}>{(toast) => <p class="toast">{toast.text}</p>}</For>
      </div>
      <p class="hidden" role="status" aria-live="polite">
        {ui.announced()}
      </p>
    </>
  )
}
