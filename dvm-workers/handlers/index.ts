import type { CallableName } from '#nips/jobs/index'
import { abort } from './abort.ts'
import type { Handler } from './handler.ts'
import { viaBroker } from './via-broker.ts'

/** How each job is done here; the compiler asks for a missing one. */
export const handlers: Record<CallableName, Handler> = {
  'instance.provision': viaBroker,
  'instance.delete': viaBroker,
  'instance.status': viaBroker,
  chat: viaBroker,
  abort,
}
