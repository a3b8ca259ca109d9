import { storageOf } from '#nips/kinds'
import { Fault } from '#nips/kit/fault'
import type { Policy } from './policy.ts'

/** Nothing is stored when the disk is nearly full: the rest of it is for deleting, and for whatever else lives there. */
export const requireDiskRoom: Policy = ({ kind }, { diskIsFull }) =>
  diskIsFull && storageOf(kind) !== 'ephemeral'
    ? new Fault('unavailable', 'the disk is nearly full, nothing is stored')
    : undefined
