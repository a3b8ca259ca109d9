import type { Clock } from '#nips/kit/clock'
import type { Show } from '../show.ts'
import type { BrokerStore } from '../store/store.ts'
import type { Operation } from './operation.ts'
import { requireOwn } from './own.ts'

/** A pure read: it starts nothing and waits for nothing. */
export const status = ({
  store,
  show,
  clock,
}: {
  store: BrokerStore
  show: Show
  clock: Clock
}): Operation<'instance.status'> => ({
  afterCrash: 'again',
  reserve: ({ input, owner }) => void requireOwn(store, input.instance, owner),
  async run({ instance }, { owner }) {
    const { slug, state, reason, version, model, driver, incarnation, since } = show(requireOwn(store, instance, owner))
    const uptime = since === undefined ? 0 : Math.max(0, clock.now() - since)
    return {
      instance,
      slug,
      state,
      version,
      model,
      driver,
      uptime,
      incarnation,
      ...(reason === undefined ? {} : { reason }),
    }
  },
})
