import { lazy, Show, Suspense } from 'solid-js'
import { modelWords } from '../format.ts'
import type { InstanceView, ServiceView } from '../model.ts'
import { Chip } from '../parts/chip.tsx'
import { Claims } from '../parts/claims.tsx'
import { Icon } from '../parts/icon.tsx'
import { useWire } from '../wire.ts'

const Tickets = lazy(() => import('../decisions/tickets.tsx').then(({ Tickets }) => ({ default: Tickets })))

const INTRO = 'Hello. Who are you, and what can you do for me?'

/** The empty chat: one button, and the two places an OpenClaw can live. */
export function Start(props: { gateway: InstanceView | undefined; onStart(intro: string): void }) {
  const { view } = useWire()
  return (
    <div class="scroll">
      <div class="start">
        <Show when={view.tickets.length > 0}>
          <Suspense>
            <Tickets />
          </Suspense>
        </Show>
        <header>
          <h2 class="hero">
            {props.gateway === undefined ? 'Where should your OpenClaw live?' : `Say hello to ${props.gateway.slug}`}
          </h2>
          <p class="soft">One click provisions (if needed) and sends the first message.</p>
          <button type="button" class="button primary big" onClick={() => props.onStart(INTRO)}>
            {props.gateway === undefined ? 'Provision & send intro' : 'Send intro message'}
          </button>
        </header>
        <Show when={props.gateway === undefined}>
          <div class="two">
            <Managed service={view.service} />
            <Local />
          </div>
        </Show>
      </div>
    </div>
  )
}

/** Says only what the service tells about itself. */
function Managed(props: { service: ServiceView }) {
  const health = () => props.service.health
  return (
    <section class="card">
      <h3>
        <Icon name="cloud" />
        In our cloud
        <Chip tone="unknown" word="Managed" />
      </h3>
      <ol class="steps">
        <li>
          Press <strong>Provision & send intro</strong> and confirm once.
        </li>
        <li>
          <Show when={health()} fallback="OpenClaw starts on this server, for you alone.">
            {(told) => (
              <>
                OpenClaw {told().openclaw.version} starts on this server, for you alone, in a{' '}
                <strong>{told().driver.name}</strong> sandbox.
              </>
            )}
          </Show>
        </li>
        <li>
          <Show when={health()?.model} fallback="Chat with it here. You need no API key.">
            {(model) => <>Chat with it here. Model: {modelWords(model())}. You need no API key.</>}
          </Show>
        </li>
      </ol>
      <Show when={health()?.driver}>{(driver) => <Claims driver={driver()} />}</Show>
      <p class="fine">Free. Delete it whenever you like.</p>
    </section>
  )
}

const Local = () => (
  <section class="card">
    <h3>
      <Icon name="laptop" />
      On your computer
      <Chip tone="unknown" word="Local" />
    </h3>
    <p class="small soft">You keep the machine, the files and the model keys. Takes about 5 minutes.</p>
    <ol class="steps">
      <li>
        Start it: <code>npx openclaw@latest</code> (needs Node 24.16 or newer), and choose <strong>Quick start</strong>.
      </li>
      <li>
        Keep it running in the background: <code>openclaw gateway install</code>
      </li>
      <li>
        Check it: <code>openclaw gateway status</code> should say it listens on port 18789.
      </li>
    </ol>
    <p class="fine">You chat with that one in its own window; this page talks to the gateways it manages.</p>
  </section>
)
