import { For } from 'solid-js'

/** What a decision rests on, as names and values. */
export const Facts = (props: { of: readonly (readonly [name: string, value: string])[] }) => (
  <dl class="facts">
    <For each={props.of}>
      {([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      )}
    </For>
  </dl>
)
