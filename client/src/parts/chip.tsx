import type { InstanceView } from '../model.ts'

/** The glyph of a chip: a state has a shape and a word, never a colour alone. */
export type Tone = 'ready' | 'busy' | 'ask' | 'down' | 'unknown'

export const Chip = (props: { tone: Tone; word: string }) => (
  <span class="chip" data-tone={props.tone}>
    {props.word}
  </span>
)

/** The words people read for a gateway's states. */
const gatewayStates: Record<InstanceView['state'], { tone: Tone; word: string }> = {
  provisioning: { tone: 'busy', word: 'Starting' },
  starting: { tone: 'busy', word: 'Starting' },
  ready: { tone: 'ready', word: 'Ready' },
  restarting: { tone: 'busy', word: 'Restarting' },
  stopped: { tone: 'unknown', word: 'Stopped' },
  failed: { tone: 'down', word: 'Failed' },
  deleting: { tone: 'busy', word: 'Deleting' },
  deleted: { tone: 'unknown', word: 'Deleted' },
}

export const GatewayChip = (props: { state: InstanceView['state'] }) => (
  <Chip tone={gatewayStates[props.state].tone} word={gatewayStates[props.state].word} />
)
