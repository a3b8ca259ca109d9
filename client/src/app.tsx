import { Route, Router } from '@solidjs/router'
import { lazy } from 'solid-js'
import { ChatPage } from './chat/chat-page.tsx'
import { Shell } from './shell/shell.tsx'

const FeedPage = lazy(() => import('./community/feed-page.tsx').then(({ FeedPage }) => ({ default: FeedPage })))
const SettingsPage = lazy(() =>
  import('./account/settings-page.tsx').then(({ SettingsPage }) => ({ default: SettingsPage })),
)
const NotFound = lazy(() => import('./shell/not-found.tsx').then(({ NotFound }) => ({ default: NotFound })))

/** Every page there is. */
export const App = () => (
  <Router root={Shell} preload={false}>
    <Route path="/" component={ChatPage} />
    <Route path="/feed" component={FeedPage} />
    <Route path="/settings" component={SettingsPage} />
    <Route path="*all" component={NotFound} />
  </Router>
)
