import { For, Show } from 'solid-js'
import { duration } from '../format.ts'
import type { LineView, TaskView } from '../model.ts'
import { useTime } from '../time.ts'
import { useWire } from '../wire.ts'
import { Failure } from './turn.tsx'

/** A gateway being made or removed: every phase keeps its line and its seconds. */
export function Task(props: { task: TaskView }) {
  const { now } = useTime()
  const { run } = useWire()
  const title = () => (props.task.type === 'provision' ? `Creating ${props.task.slug}` : 'Deleting the gateway')
  return (
    <Show
      when={props.task.stage !== 'done'}
      fallback={
        <p class="receipt">
          <strong>{props.task.slug} is ready.</strong> It took {duration(props.task.seconds ?? 0)}.
        </p>
      }
    >
      <section class="task" aria-label={title()}>
        <header class="line">
          <h2 class="grow">{title()}</h2>
          <span class="fine">{duration((endOf(props.task) ?? now()) - props.task.at)}</span>
        </header>
        <ol class="lines">
          <For each={props.task.lines}>
            {(line, index) => (
              <Line
                line={line}
                failed={props.task.stage === 'failed' && index() === props.task.lines.length - 1}
                now={now()}
              />
            )}
          </For>
        </ol>
        <Show when={props.task.error}>
          {(error) => (
            <Failure
              error={error()}
              onRetry={() => void run('retryTask', { task: props.task.id })}
              onDiscard={() => void run('dismissTask', { task: props.task.id })}
            />
          )}
        </Show>
      </section>
    </Show>
  )
}

function Line(props: { line: LineView; failed: boolean; now: number }) {
  const state = () => (props.failed ? 'failed' : props.line.until === undefined ? 'busy' : 'done')
  const percent = () => Math.floor((props.line.progress ?? 0) * 100)
  return (
    <li data-state={state()}>
      <span class="grow">
        {props.line.label}
        <Show when={props.line.progress !== undefined && props.line.until === undefined}> ({percent()} %)</Show>
      </span>
      <span class="fine">{duration((props.line.until ?? props.now) - props.line.at)}</span>
      <Show when={props.line.progress !== undefined && props.line.until === undefined}>
        <progress value={percent()} max="100" aria-label={props.line.label} />
      </Show>
    </li>
  )
}

const endOf = ({ stage, lines }: TaskView): number | undefined => (stage === 'failed' ? lines.at(-1)?.until : undefined)
