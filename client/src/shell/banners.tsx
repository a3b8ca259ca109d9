import { createMemo, Show } from 'solid-js'
import { useTime } from '../time.ts'
import { useWire } from '../wire.ts'
import { linkWords, offlineText, serviceText } from './link-words.ts'
import { useUi } from './ui.ts'

/** What is wrong now and what it means, most pressing first; each goes by itself when it is over. */
export function Banners() {
  const { view, run } = useWire()
  const { now } = useTime()
  const service = createMemo(() => (view.link.state === 'connected' ? serviceText(view.service) : undefined))
  return (
    <>
      <Show when={view.link.state === 'offline' || (view.link.before && view.link.state === 'connecting')}>
        <div class="banner" data-tone="down" role="status">
          <p class="grow">
            {view.link.state === 'offline' ? offlineText(view.link, now()) : `${linkWords(view.link)}…`}
          </p>
          <button type="button" class="button" onClick={() => void run('retryNow')}>
            Retry now
          </button>
        </div>
      </Show>
      <Show when={service()}>
        {(text) => (
          <div class="banner" data-tone={view.service.state === 'silent' ? 'down' : 'plain'} role="status">
            <p class="grow">{text()}</p>
          </div>
        )}
      </Show>
      <BackupBanner />
    </>
  )
}

/** Shown until it is done, and in nobody's way. */
function BackupBanner() {
  const { view } = useWire()
  const ui = useUi()
  return (
    <Show when={view.account?.backedUp === false}>
      <div class="banner" data-tone="plain">
        <p class="grow">Your key is only in this browser.</p>
        <button type="button" class="button" onClick={() => ui.open({ name: 'backup' })}>
          Back up
        </button>
      </div>
    </Show>
  )
}
