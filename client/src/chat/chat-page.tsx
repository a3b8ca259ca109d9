import { useSearchParams } from '@solidjs/router'
import { type Accessor, createEffect, createMemo, createSignal, lazy, Match, Show, Suspense, Switch } from 'solid-js'
import { Chip, GatewayChip } from '../parts/chip.tsx'
import { Bar } from '../shell/bar.tsx'
import { useKey } from '../shell/key.ts'
import { recall, remember } from '../shell/remember.ts'
import { useUi } from '../shell/ui.ts'
import { useTime } from '../time.ts'
import { useWire } from '../wire.ts'
import { Composer } from './composer.tsx'
import { useGateway } from './gateway.ts'
import { Start } from './start.tsx'
import { MAIN, turnsOf } from './threads.ts'

const Thread = lazy(() => import('./thread.tsx').then(({ Thread }) => ({ default: Thread })))

/** Whether this device showed a chat before: then its code is fetched beside the Worker, and not after it. */
const BEFORE = 'oa.chat'
if (recall(BEFORE) !== undefined) void Thread.preload()

/** The chat with one gateway; until there is one, the way to it. */
export function ChatPage() {
  const { view, run } = useWire()
  const ui = useUi()
  const withKey = useKey()
  const gateway = useGateway()
  const [search] = useSearchParams<{ gateway: string }>()
  const [text, setText] = createSignal('')
  const making = createMemo(() => {
    const latest = view.tasks.findLast(({ type }) => type === 'provision')
    return latest?.stage === 'done' ? undefined : latest
  })
  /** The gateway whose chat this is: there, on its way, or gone. */
  const subject = () => search.gateway ?? gateway()?.id ?? making()?.instance
  const turns = createMemo(() => {
    const id = subject()
    return id === undefined ? [] : turnsOf(view.turns, id, MAIN)
  })
  const gone = () => search.gateway !== undefined && gateway() === undefined && view.loaded.instances
  const empty = () => turns().length === 0 && making() === undefined
  const known = createKnown()
  createEffect(() => {
    if (turns().length > 0) remember(BEFORE, 'yes')
  })
  const title = () => gateway()?.slug ?? making()?.slug ?? 'Chat'

  const say = async (said: string): Promise<void> => {
    const id = gateway()?.id
    const after = id === undefined ? making()?.id : undefined
    if (id === undefined && after === undefined) return begin(said)
    setText('')
    const ran = await run('say', {
      instance: id ?? '',
      thread: MAIN,
      text: said,
      ...(after === undefined ? {} : { after }),
    })
    if (!ran.ok) {
      setText(said)
      ui.toast(ran.error.message)
    }
  }
  const begin = (intro: string): void => {
    withKey(() => ui.open({ name: 'provision', intro, sent: () => setText('') }))
  }

  return (
    <>
      <Bar title={title()}>
        <Show when={gateway()}>{(instance) => <GatewayChip state={instance().state} />}</Show>
        <Show when={gateway()?.offline}>
          <Chip tone="unknown" word="Offline model" />
        </Show>
      </Bar>
      <Switch>
        <Match when={empty() && !gone()}>
          <Show when={known()} fallback={<div class="scroll" />}>
            <Start
              gateway={gateway()}
              onStart={(intro) => (gateway() === undefined ? begin(intro) : void say(intro))}
            />
          </Show>
        </Match>
        <Match when={true}>
          <Suspense fallback={<div class="scroll" />}>
            <Thread subject={subject() ?? ''} name={title()} turns={turns()} gone={gone()} />
          </Suspense>
        </Match>
      </Switch>
      <Show when={!gone()} fallback={<p class="closed fine">This gateway was deleted. Its chat stays here to read.</p>}>
        <Composer
          text={text()}
          onText={setText}
          onSend={(said) => void say(said)}
          gateway={gateway()}
          turns={turns()}
        />
      </Show>
    </>
  )
}

/** Milliseconds after which an empty page is worse than one that may change. */
const PATIENCE = 1500

/** Whether it is known that there is no gateway: to offer one before that would be wrong for a moment. */
function createKnown(): Accessor<boolean> {
  const { view } = useWire()
  const { clock } = useTime()
  const [late, setLate] = createSignal(false)
  void clock.sleep(PATIENCE).then(() => setLate(true))
  return () =>
    late() ||
    view.link.state === 'offline' ||
    view.loaded.instances ||
    (view.loaded.cache && (view.account === null || view.instances.length > 0))
}
