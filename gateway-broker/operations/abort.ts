import type { Aborting, Operation } from './operation.ts'

export const abort = ({ aborting }: { aborting: Aborting }): Operation<'abort'> => ({
  afterCrash: 'again',
  run: async ({ job }, { owner }) => ({ job, aborted: aborting.abort(job, owner) }),
})
