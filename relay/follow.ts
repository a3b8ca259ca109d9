import type { NostrEvent } from '#nips/keys'
import type { Store } from './store/store.ts'

export type FollowDeps = {
  store: Pick<Store, 'others'>
  /** Told of each event that another process has put into the same store, in the order of their numbers. */
  onStored: (event: NostrEvent, stored: { json: string; seq: number }) => void
}

/**
 * Looks for what other processes have stored (an import, the next relay while this one says goodbye), so that it goes
 * out live as well. A look while another is on its way does nothing.
 */
export function createFollow({ store, onStored }: FollowDeps): () => Promise<void> {
  let looking = false

  async function announce(): Promise<void> {
    for (let rows = await store.others(); rows.length > 0; rows = await store.others())
      for (const { json, seq } of rows) onStored(JSON.parse(json) as NostrEvent, { json, seq })
  }

  return async () => {
    if (looking) return
    looking = true
    await announce().finally(() => {
      looking = false
    })
  }
}
