import type { Show } from '../show.ts'
import { abort } from './abort.ts'
import { chat } from './chat.ts'
import { deleteInstance } from './delete.ts'
import type { Aborting, Operations } from './operation.ts'
import { type ProvisionDeps, provision } from './provision.ts'
import { status } from './status.ts'

/** How every job is done. A new one is its file and one line here. */
export const createOperations =
  (deps: ProvisionDeps & { show: Show }) =>
  (aborting: Aborting): Operations => ({
    'instance.provision': provision(deps),
    'instance.delete': deleteInstance({ ...deps, aborting }),
    'instance.status': status(deps),
    chat: chat(deps),
    abort: abort({ aborting }),
  })
