import './styles/main.css'
import { render } from 'solid-js/web'
import { systemClock } from '#nips/kit/clock'
import { App } from './app.tsx'
import { createUi, UiProvider } from './shell/ui.ts'
import { startWorker } from './start-worker.ts'
import { createTime, TimeProvider } from './time.ts'
import { createWire, WireProvider } from './wire.ts'

const clock = systemClock()
const root = document.getElementById('root')
if (root === null) throw new Error('the page has no #root')

render(() => {
  const ui = createUi(clock)
  const wire = createWire({
    worker: startWorker(),
    notice: ui.toast,
    sign: async (call) => (await import('./account/extension.ts')).callExtension(call),
  })
  const time = createTime(clock, () => wire.view.service.ahead ?? 0)
  return (
    <WireProvider value={wire}>
      <TimeProvider value={time}>
        <UiProvider value={ui}>
          <App />
        </UiProvider>
      </TimeProvider>
    </WireProvider>
  )
}, root)
