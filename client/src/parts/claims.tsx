import { For } from 'solid-js'
import type { Health } from '#nips/service'

/** What the sandbox keeps a gateway from and what not, in the words of whoever tried it. */
export const Claims = (props: { driver: Health['driver'] }) => (
  <div class="claims">
    <p>A gateway here</p>
    <ul>
      <For each={props.driver.guarantees}>{(claim) => <li data-holds="yes">{claim}</li>}</For>
      <For each={props.driver.gaps}>{(gap) => <li data-holds="no">{gap}</li>}</For>
    </ul>
  </div>
)
