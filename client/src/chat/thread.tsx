import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show, untrack } from 'solid-js'
import { Tickets } from '../decisions/tickets.tsx'
import { count, words } from '../format.ts'
import type { TurnView } from '../model.ts'
import { Icon } from '../parts/icon.tsx'
import { useUi } from '../shell/ui.ts'
import { useWire } from '../wire.ts'
import { Task } from './task.tsx'
import { Turn } from './turn.tsx'
import './thread.css'

/** Turns drawn at first; the earlier ones on demand. */
const DRAWN = 60
/** Pixels from the end within which the reader wants to see what comes. */
const NEAR = 120

/** Everything that was said with one gateway, and what is going on around it. */
export function Thread(props: { subject: string; name: string; turns: TurnView[]; gone: boolean }) {
  const { view } = useWire()
  const [drawn, setDrawn] = createSignal(DRAWN)
  const shown = createMemo(() => props.turns.slice(-drawn()))
  const tasks = createMemo(() => view.tasks.filter((task) => task.instance === props.subject))
  const follow = createFollow(() => props.turns.length)
  createEffect(on(() => props.subject, follow.toEnd, { defer: true }))
  useAnnouncements(() => props.turns)
  return (
    <>
      <section class="scroll" ref={follow.box} tabindex="0" aria-label="Conversation" onScroll={follow.scrolled}>
        <div class="thread" ref={follow.content}>
          <Show when={props.turns.length > drawn()}>
            <button type="button" class="button" onClick={() => setDrawn((count_) => count_ + DRAWN)}>
              Show earlier messages
            </button>
          </Show>
          <For each={tasks().filter(({ type }) => type === 'provision')}>{(task) => <Task task={task} />}</For>
          <For each={shown()}>{(turn) => <Turn turn={turn} name={props.name} gone={props.gone} />}</For>
          <Tickets />
          <For each={tasks().filter(({ type, stage }) => type === 'delete' && stage !== 'done')}>
            {(task) => <Task task={task} />}
          </For>
        </div>
      </section>
      <Show when={follow.away()}>
        <button type="button" class="button latest" onClick={follow.toEnd}>
          <Icon name="down" />
          Jump to latest
        </button>
      </Show>
    </>
  )
}

/** Keeps the end in sight while the reader is near it, and never pulls them there. */
function createFollow(turns: () => number) {
  const [box, setBox] = createSignal<HTMLElement>()
  const [content, setContent] = createSignal<HTMLElement>()
  const [away, setAway] = createSignal(false)
  const toEnd = () => {
    const scroller = box()
    if (scroller === undefined) return
    scroller.scrollTop = scroller.scrollHeight
    setAway(false)
  }
  onMount(() => {
    const grown = new ResizeObserver(() => {
      if (!away()) toEnd()
    })
    const [scroller, inner] = [box(), content()]
    if (scroller !== undefined) grown.observe(scroller)
    if (inner !== undefined) grown.observe(inner)
    onCleanup(() => grown.disconnect())
  })
  // What I said myself is where I want to be.
  createEffect(on(turns, (now, before) => before !== undefined && now > before && toEnd()))
  return {
    box: setBox,
    content: setContent,
    away,
    toEnd,
    scrolled: () => {
      const scroller = box()
      if (scroller !== undefined) setAway(scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight > NEAR)
    },
  }
}

/** One sentence for screen readers when an answer ends; the text itself is not read out while it grows. */
function useAnnouncements(turns: () => TurnView[]): void {
  const ui = useUi()
  let open = new Set<string>()
  createEffect(() => {
    const now = new Set<string>()
    for (const turn of turns()) {
      const { id, stage } = turn
      if (stage === 'thinking' || stage === 'writing') now.add(id)
      else if (open.has(id))
        ui.announce(
          endWords(
            stage,
            untrack(() => turn.answer),
          ),
        )
    }
    open = now
  })
}

function endWords(stage: TurnView['stage'], answer: string): string {
  const length = count(words(answer), 'word')
  if (stage === 'stopped') return `Stopped by you, ${length}`
  return stage === 'done' ? `Answer finished, ${length}` : 'The answer was interrupted'
}
