import { createSignal, Show } from 'solid-js'
import { modelWords } from '../format.ts'
import type { View } from '../model.ts'
import { Dialog } from '../parts/dialog.tsx'
import { useUi } from '../shell/ui.ts'
import { useWire } from '../wire.ts'
import { Facts } from './facts.tsx'
import { newSlug, slugProblem } from './slug.ts'

/** The one question before a gateway is made. Nothing is signed or published before it is answered. */
export function Provision(props: { intro: string; sent?: () => void }) {
  const { view, run } = useWire()
  const ui = useUi()
  const [slug, setSlug] = createSignal(newSlug(Math.random))
  const [wrong, setWrong] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  const create = async () => {
    const problem = slugProblem(slug())
    if (problem !== undefined) {
      setWrong(problem)
      return
    }
    setBusy(true)
    const ran = await run('provision', { slug: slug(), intro: props.intro })
    setBusy(false)
    if (!ran.ok) {
      setWrong(`${ran.error.message} ${ran.error.fix}`)
      return
    }
    props.sent?.()
    ui.close()
  }
  return (
    <Dialog
      title="Create a hosted OpenClaw?"
      onClose={ui.close}
      foot={
        <>
          <button type="button" class="button" onClick={ui.close}>
            Cancel
          </button>
          <button type="button" class="button primary" disabled={busy()} onClick={() => void create()}>
            Create OpenClaw
          </button>
        </>
      }
    >
      <p class="soft">
        We start a private gateway for you on our servers. {duration(view)} Your message is sent as soon as it is ready.
      </p>
      <Facts of={[...facts(view), ['First message', props.intro]]} />
      <label class="field">
        <span>Name</span>
        <input
          class="input"
          value={slug()}
          maxlength="32"
          autocomplete="off"
          spellcheck={false}
          aria-invalid={wrong() !== ''}
          onInput={(event) => {
            setSlug(event.currentTarget.value.trim().toLowerCase())
            setWrong('')
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') void create()
          }}
        />
      </label>
      <Show when={wrong()}>
        <p class="fine wrong" role="alert">
          {wrong()}
        </p>
      </Show>
    </Dialog>
  )
}

/** How long it takes, as far as the service has said what there is to do. */
function duration({ service }: View): string {
  const openclaw = service.health?.openclaw
  if (openclaw === undefined) return ''
  if (openclaw.state === 'ready') return 'It takes about 30 seconds.'
  const done = openclaw.state === 'installing' ? ` (${Math.floor(openclaw.progress * 100)} % done)` : ''
  return `OpenClaw has to be installed first${done}; then it takes about 30 seconds.`
}

/** Only what the service tells about itself. */
function facts({ service }: View): [string, string][] {
  const health = service.health
  const known: [string, string][] =
    health === undefined
      ? [['You get', 'One OpenClaw gateway']]
      : [
          ['You get', `OpenClaw ${health.openclaw.version}, in a ${health.driver.name} sandbox`],
          ['Model', modelWords(health.model)],
        ]
  const gaps = health?.driver.gaps ?? []
  return [
    ...known,
    ...(gaps.length > 0 ? ([['Not kept apart', gaps.join('; ')]] as [string, string][]) : []),
    ['Cost', 'Free'],
    ['Who can use it', 'Only keys you approve'],
  ]
}
