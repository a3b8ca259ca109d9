import { createSignal, createUniqueId, For, onMount, Show } from 'solid-js'
import { duration, timeOfDay, visible } from '../format.ts'
import type { TicketView } from '../model.ts'
import { useUi } from '../shell/ui.ts'
import { useTime } from '../time.ts'
import { useWire } from '../wire.ts'
import { Facts } from './facts.tsx'

/** Everything that waits for my decision, and what I decided. */
export function Tickets() {
  const { view } = useWire()
  return <For each={view.tickets}>{(ticket) => <Ticket ticket={ticket} />}</For>
}

/** Milliseconds in which a ticket that has just appeared takes no approval: it may have come under the pointer. */
const SETTLE = 500

function Ticket(props: { ticket: TicketView }) {
  const { now } = useTime()
  const state = () => (props.ticket.state === 'open' && props.ticket.until <= now() ? 'expired' : props.ticket.state)
  return (
    <Show
      when={state() === 'open' || state() === 'deciding'}
      fallback={<p class="receipt">{outcome(state(), props.ticket)}</p>}
    >
      <OpenTicket ticket={props.ticket} left={props.ticket.until - now()} />
    </Show>
  )
}

function outcome(state: TicketView['state'] | 'expired', { title, decidedAt = 0 }: TicketView): string {
  const what = visible(title)
  if (state === 'approved') return `${what} Approved by you, ${timeOfDay(decidedAt)}`
  return state === 'denied' ? `${what} Denied by you, ${timeOfDay(decidedAt)}` : `${what} Expired without a decision`
}

function OpenTicket(props: { ticket: TicketView; left: number }) {
  const { view, run } = useWire()
  const ui = useUi()
  const { clock } = useTime()
  const id = createUniqueId()
  const [settled, setSettled] = createSignal(false)
  const [raw, setRaw] = createSignal(false)
  let heading: HTMLHeadingElement | undefined
  const appear = async () => {
    // Whoever is writing keeps the focus; they are told all the same.
    if (!(document.activeElement instanceof HTMLTextAreaElement || document.activeElement instanceof HTMLInputElement))
      heading?.focus()
    ui.announce(`Decision needed: ${visible(props.ticket.title)}`)
    await clock.sleep(SETTLE)
    setSettled(true)
  }
  onMount(() => void appear())
  const busy = () => props.ticket.state === 'deciding'
  const decide = (choice: 'approve' | 'deny') => void run('decide', { ticket: props.ticket.id, choice })
  const facts = (): [string, string][] => [
    ['Asked by', props.ticket.requester === view.account?.pubkey ? 'You' : props.ticket.requester],
    ['Operation', visible(props.ticket.type)],
    [
      'Gateway',
      view.instances.find((instance) => instance.id === props.ticket.instance)?.slug ?? props.ticket.instance,
    ],
  ]
  return (
    <section class="ticket" aria-labelledby={id}>
      <header>
        <span class="diamond" aria-hidden="true" />
        Needs your decision
        <span classList={{ soon: props.left < 60 }}>Expires in {duration(props.left)}</span>
      </header>
      <div class="ticket-body">
        <h2 id={id} tabindex="-1" ref={heading}>
          {visible(props.ticket.title)}
        </h2>
        <Facts of={facts()} />
        <Show when={props.ticket.reason}>{(reason) => <p class="fine wrong">{reason()}</p>}</Show>
        <Show when={raw()}>
          <div class="raw">
            <p class="fine">What you sign is the SHA-256 of exactly this:</p>
            <code>{visible(props.ticket.json)}</code>
            <code class="fine">{props.ticket.hash}</code>
          </div>
        </Show>
      </div>
      <div class="stub">
        <button type="button" class="button primary" disabled={!settled() || busy()} onClick={() => decide('approve')}>
          {busy() ? 'Signing' : 'Approve'}
        </button>
        <button type="button" class="button" disabled={busy()} onClick={() => decide('deny')}>
          Deny
        </button>
        <span class="grow" />
        <button type="button" class="button quiet" aria-expanded={raw()} onClick={() => setRaw(!raw())}>
          See signed request
        </button>
      </div>
    </section>
  )
}
