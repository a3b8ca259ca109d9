import { useLocation } from '@solidjs/router'
import { For } from 'solid-js'
import { Icon } from '../parts/icon.tsx'

const pages = [
  { href: '/', icon: 'chat', word: 'Chat' },
  { href: '/feed', icon: 'people', word: 'Community' },
  { href: '/settings', icon: 'settings', word: 'You' },
] as const

/** The phone's way around. */
export function TabBar() {
  const location = useLocation()
  return (
    <nav class="tabbar" aria-label="Pages">
      <For each={pages}>
        {({ href, icon, word }) => (
          <a href={href} aria-current={location.pathname === href ? 'page' : undefined}>
            <Icon name={icon} />
            {word}
          </a>
        )}
      </For>
    </nav>
  )
}
