import { Show } from 'solid-js'
import { duration } from '../format.ts'
import type { InstanceView } from '../model.ts'
import { GatewayChip } from '../parts/chip.tsx'
import { Icon } from '../parts/icon.tsx'
import { useTime } from '../time.ts'
import { useUi } from './ui.ts'

/** Facts about one gateway, and how to end it. */
export function Details(props: { instance: InstanceView }) {
  const ui = useUi()
  const { now } = useTime()
  return (
    <section class="details">
      <div class="line">
        <h2 class="grow cut">{props.instance.slug}</h2>
        <GatewayChip state={props.instance.state} />
      </div>
      <dl class="facts">
        <dt>OpenClaw</dt>
        <dd>{props.instance.version}</dd>
        <dt>Model</dt>
        <dd>{props.instance.offline ? 'Offline model, built in' : props.instance.model}</dd>
        <dt>Sandbox</dt>
        <dd>{props.instance.driver}</dd>
        <Show when={props.instance.since}>
          {(since) => (
            <>
              <dt>Running for</dt>
              <dd>{duration(now() - since())}</dd>
            </>
          )}
        </Show>
        <Show when={props.instance.reason}>
          {(reason) => (
            <>
              <dt>Reason</dt>
              <dd>{reason()}</dd>
            </>
          )}
        </Show>
      </dl>
      <button
        type="button"
        class="button quiet danger"
        disabled={props.instance.state === 'deleting'}
        onClick={() => ui.open({ name: 'delete', instance: props.instance.id })}
      >
        <Icon name="trash" />
        Delete gateway
      </button>
    </section>
  )
}
