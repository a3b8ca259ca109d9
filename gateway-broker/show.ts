import type { z } from 'zod'
import type { instanceShape } from '#nips/instance'
import type { InstanceRow } from './store/store.ts'

/** An instance as its owner may see it. */
export type Show = (row: InstanceRow) => z.output<typeof instanceShape>

export type ShowDeps = {
  version: () => string
  model: () => { model: string; offline: boolean }
  driver: string
  /** When the gateway's process started, in seconds. */
  since: (id: string) => number | undefined
}

export const showInstance =
  ({ version, model, driver, since }: ShowDeps): Show =>
  ({ id, slug, state, reason, incarnation }) => {
    const started = state === 'ready' ? since(id) : undefined
    return {
      slug,
      state,
      version: version(),
      ...model(),
      driver,
      incarnation,
      ...(reason === null ? {} : { reason }),
      ...(started === undefined ? {} : { since: started }),
    }
  }
