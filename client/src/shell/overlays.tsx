import { lazy, Match, Suspense, Switch } from 'solid-js'
import { type Overlay, useUi } from './ui.ts'

const SignIn = lazy(() => import('../account/sign-in.tsx').then(({ SignIn }) => ({ default: SignIn })))
const Backup = lazy(() => import('../account/backup.tsx').then(({ Backup }) => ({ default: Backup })))
const SignOut = lazy(() => import('../account/sign-out.tsx').then(({ SignOut }) => ({ default: SignOut })))
const Provision = lazy(() => import('../decisions/provision.tsx').then(({ Provision }) => ({ default: Provision })))
const Delete = lazy(() => import('../decisions/delete.tsx').then(({ Delete }) => ({ default: Delete })))

/** The dialog that is open, fetched when it is first needed. */
export function Overlays() {
  const ui = useUi()
  const is = <N extends Overlay['name']>(name: N): Extract<Overlay, { name: N }> | undefined => {
    const overlay = ui.overlay()
    return overlay?.name === name ? (overlay as Extract<Overlay, { name: N }>) : undefined
  }
  return (
    <Suspense>
      <Switch>
        <Match when={is('sign-in')}>{(overlay) => <SignIn next={overlay().next} />}</Match>
        <Match when={is('backup')}>
          <Backup />
        </Match>
        <Match when={is('sign-out')}>
          <SignOut />
        </Match>
        <Match when={is('provision')}>{(overlay) => <Provision {...overlay()} />}</Match>
        <Match when={is('delete')}>{(overlay) => <Delete instance={overlay().instance} />}</Match>
      </Switch>
    </Suspense>
  )
}
