import { Match, Show, Switch } from 'solid-js'
import { duration } from '../format.ts'
import { Markdown } from '../markdown/markdown.tsx'
import type { ErrorView, TurnView } from '../model.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Icon } from '../parts/icon.tsx'
import { useTime } from '../time.ts'
import { useWire } from '../wire.ts'

/** One message and what became of it. There is never an empty bubble: where there is no text there is a reason. */
export function Turn(props: { turn: TurnView; name: string; gone: boolean }) {
  const { run } = useWire()
  const isOver = () => ['done', 'failed', 'stopped'].includes(props.turn.stage)
  const again = () => void run('retryTurn', { turn: props.turn.id })
  return (
    <article class="turn">
      <div class="said">
        <h2 class="hidden">You said</h2>
        <p class="bubble" dir="auto">
          {props.turn.text}
        </p>
        <Delivery turn={props.turn} />
      </div>
      <Show when={props.turn.sent !== 'queued' || props.turn.answer !== ''}>
        <div class="answer" aria-busy={!isOver()}>
          <h2 class="hidden">{props.name} said</h2>
          <Show when={props.turn.answer !== ''}>
            <Markdown text={props.turn.answer} whole={isOver()} />
          </Show>
          <Progress turn={props.turn} />
          <Show when={props.turn.stage === 'stopped'}>
            <p class="fine">Stopped by you</p>
          </Show>
          <Show when={props.turn.error}>
            {(error) => (
              <Failure
                error={error()}
                onRetry={props.gone ? undefined : again}
                onDiscard={
                  props.turn.sent === 'refused' ? () => void run('discardTurn', { turn: props.turn.id }) : undefined
                }
              />
            )}
          </Show>
          <Show when={isOver() && props.turn.answer !== ''}>
            <div class="actions">
              <CopyButton text={props.turn.answer} label="Copy answer" />
              <Show when={!props.gone && props.turn.error === undefined}>
                <button type="button" class="button quiet square" aria-label="Ask again" onClick={again}>
                  <Icon name="retry" />
                </button>
              </Show>
              <Show when={props.turn.model}>
                {(model) => <span class="fine">{model() === 'offline' ? 'Offline model' : model()}</span>}
              </Show>
            </div>
          </Show>
        </div>
      </Show>
    </article>
  )
}

/** How far the message got, until it has arrived. */
function Delivery(props: { turn: TurnView }) {
  const { view, run } = useWire()
  const why = () => {
    if (view.link.state !== 'connected') return 'Queued. It is sent when you are back online.'
    return 'Queued. It is sent when its turn comes.'
  }
  return (
    <Switch>
      <Match when={props.turn.sent === 'queued'}>
        <p class="fine line">
          {why()}
          <button type="button" class="link" onClick={() => void run('discardTurn', { turn: props.turn.id })}>
            Discard
          </button>
        </p>
      </Match>
      <Match when={props.turn.sent === 'sent' && props.turn.stage === 'waiting'}>
        <p class="fine">Sent</p>
      </Match>
    </Switch>
  )
}

/** While nothing can be read yet, what is going on and for how long. */
function Progress(props: { turn: TurnView }) {
  const { now } = useTime()
  const word = () => {
    if (props.turn.stopping) return 'Stopping'
    return props.turn.stage === 'thinking' ? 'Thinking' : props.turn.sent === 'delivered' ? 'Delivered' : 'Waiting'
  }
  return (
    <Show when={props.turn.stage === 'thinking' || props.turn.stage === 'waiting'}>
      <p class="progress fine" role="status">
        <span class="spinner" aria-hidden="true" />
        {word()}
        <span aria-hidden="true"> {duration(now() - props.turn.at)}</span>
      </p>
    </Show>
  )
}

/** Whether the advice begins with what happened. */
const saysSo = ({ message, fix }: ErrorView): boolean => fix.toLowerCase().startsWith(message.toLowerCase())

/** What happened, what is kept, and what to do. */
export function Failure(props: { error: ErrorView; onRetry?: () => void; onDiscard?: () => void }) {
  return (
    <div class="failure" role="alert">
      <p>
        <Show when={!saysSo(props.error)}>
          <strong>{props.error.message}</strong>{' '}
        </Show>
        {props.error.fix}
      </p>
      <div class="line">
        <Show when={props.onRetry}>
          {(retry) => (
            <button type="button" class="button" onClick={() => retry()()}>
              <Icon name="retry" />
              Retry
            </button>
          )}
        </Show>
        <Show when={props.onDiscard}>
          {(discard) => (
            <button type="button" class="button quiet" onClick={() => discard()()}>
              Discard
            </button>
          )}
        </Show>
      </div>
    </div>
  )
}
