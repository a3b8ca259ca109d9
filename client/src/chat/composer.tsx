import { createEffect, createMemo, on, onCleanup, onMount, Show } from 'solid-js'
import { bytes, duration } from '../format.ts'
import type { InstanceView, TurnView } from '../model.ts'
import { Chip } from '../parts/chip.tsx'
import { Icon } from '../parts/icon.tsx'
import { useTime } from '../time.ts'
import { useWire } from '../wire.ts'
import { gatewayNote } from './gateway-note.ts'

/** The most a message may have, until the service says otherwise. Bytes. */
const MOST = 32_768
const TALLEST = 220

export type ComposerProps = {
  text: string
  onText(text: string): void
  onSend(text: string): void
  gateway: InstanceView | undefined
  turns: TurnView[]
}

/** Never locked: what is written while an answer runs, or while there is no link, is sent when its turn comes. */
export function Composer(props: ComposerProps) {
  const { view, run } = useWire()
  let area: HTMLTextAreaElement | undefined
  const running = createMemo(() =>
    props.turns.find(({ stage, sent }) => sent !== 'queued' && ['waiting', 'thinking', 'writing'].includes(stage)),
  )
  const over = () => bytes(props.text) - (view.service.maxChatText ?? MOST)
  const send = () => {
    const said = props.text.trim()
    if (said !== '' && over() <= 0) props.onSend(said)
    area?.focus()
  }
  const stop = () => {
    const turn = running()
    if (turn !== undefined && !turn.stopping) void run('stop', { turn: turn.id })
  }
  useEscape(stop)
  createEffect(
    on(
      () => props.text,
      () => stretch(area),
    ),
  )
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <GatewayLine gateway={props.gateway} />
      <div class="box">
        <label class="hidden" for="message">
          Message
        </label>
        <textarea
          id="message"
          ref={area}
          rows="1"
          placeholder={
            props.gateway === undefined ? 'Send a message to your OpenClaw gateway' : `Message ${props.gateway.slug}`
          }
          value={props.text}
          onInput={(event) => props.onText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
            event.preventDefault()
            send()
          }}
        />
        <div class="line">
          <Show when={view.service.health?.model.offline}>
            <Chip tone="unknown" word="Offline model" />
          </Show>
          <Show
            when={over() > 0}
            fallback={<span class="fine grow keys">Enter to send, Shift Enter for a new line</span>}
          >
            <span class="fine grow wrong" role="alert">
              {over()} bytes too long to send.
            </span>
          </Show>
          <Show when={running()}>
            {(turn) => (
              <button type="button" class="button" disabled={turn().stopping} onClick={stop} aria-keyshortcuts="Escape">
                <Icon name="stop" />
                {turn().stopping ? 'Stopping' : 'Stop'}
              </button>
            )}
          </Show>
          <button
            type="submit"
            class="button primary square"
            aria-label="Send message"
            disabled={props.text.trim() === ''}
          >
            <Icon name="up" />
          </button>
        </div>
      </div>
    </form>
  )
}

/** What the gateway is doing, when that is not simply waiting for a message. */
function GatewayLine(props: { gateway: InstanceView | undefined }) {
  const { now } = useTime()
  return (
    <Show when={props.gateway && gatewayNote(props.gateway, (at) => duration(now() - at))}>
      {(note) => (
        <p class="note" role="status" data-tone={props.gateway?.state === 'failed' ? 'down' : 'plain'}>
          {note()}
        </p>
      )}
    </Show>
  )
}

/** Escape stops the run, unless it closes something that lies over the page. */
function useEscape(act: () => void): void {
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented && document.querySelector('dialog[open]') === null) act()
  }
  onMount(() => addEventListener('keydown', press))
  onCleanup(() => removeEventListener('keydown', press))
}

/** As tall as its text, up to a limit. */
function stretch(area: HTMLTextAreaElement | undefined): void {
  if (area === undefined) return
  area.style.height = 'auto'
  area.style.height = `${Math.min(TALLEST, area.scrollHeight)}px`
}
