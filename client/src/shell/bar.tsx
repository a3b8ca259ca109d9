import { createEffect, type ParentProps, Show } from 'solid-js'
import { Icon } from '../parts/icon.tsx'
import { useWire } from '../wire.ts'
import { Banners } from './banners.tsx'
import { useDrawers } from './drawers.ts'

/** The bar over the middle column: the page's one h1, what belongs to it, and below it how the link is. */
export function Bar(props: ParentProps<{ title: string }>) {
  const drawers = useDrawers()
  createEffect(() => {
    document.title = `${props.title} · OpenAgents`
  })
  return (
    <>
      <header class="bar">
        <Show when={drawers.hasLeft()}>
          <button
            type="button"
            class="button quiet square"
            aria-label="Open workspace"
            onClick={() => drawers.open('left')}
          >
            <Icon name="menu" />
          </button>
        </Show>
        <h1 class="cut">{props.title}</h1>
        {props.children}
        <Show when={drawers.hasRight()}>
          <button
            type="button"
            class="button quiet square last"
            aria-label="Open community and details"
            onClick={() => drawers.open('right')}
          >
            <Icon name="panel" />
          </button>
        </Show>
      </header>
      <TideLine />
      <Banners />
    </>
  )
}

/** The link to the relay as a line: nothing while all is well. */
function TideLine() {
  const { view } = useWire()
  return <div class="tideline" data-state={view.link.state} />
}
