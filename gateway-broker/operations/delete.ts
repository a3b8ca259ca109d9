import { Fault } from '#nips/kit/fault'
import type { Instances } from '../instances/instances.ts'
import type { BrokerStore } from '../store/store.ts'
import type { Aborting, Operation } from './operation.ts'
import { requireOwn } from './own.ts'

export type DeleteDeps = { store: BrokerStore; instances: Instances; aborting: Aborting }

/** Everything that runs on it ends first; then process, sockets, tokens and files. Twice is once. */
export const deleteInstance = ({ store, instances, aborting }: DeleteDeps): Operation<'instance.delete'> => ({
  afterCrash: 'again',
  reserve: ({ input, owner }) => void requireOwn(store, input.instance, owner),
  async run({ instance }, context) {
    if (store.instance(instance)?.state === 'deleted') return { instance, existed: false }
    aborting.abortOn(instance, context.job, new Fault('cancelled', 'the gateway was deleted'))
    await instances.remove(instance, context.phase)
    return { instance, existed: true }
  },
})
