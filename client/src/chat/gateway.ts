import { useLocation, useSearchParams } from '@solidjs/router'
import type { Accessor } from 'solid-js'
import type { InstanceView } from '../model.ts'
import { useWire } from '../wire.ts'

/** The gateway of the chat in the middle: the one the address names, else the first. `undefined` on other pages. */
export function useGateway(): Accessor<InstanceView | undefined> {
  const { view } = useWire()
  const location = useLocation()
  const [search] = useSearchParams<{ gateway: string }>()
  return () => {
    if (location.pathname !== '/') return undefined
    const named = search.gateway
    return named === undefined ? view.instances[0] : view.instances.find(({ id }) => id === named)
  }
}
