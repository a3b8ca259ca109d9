import type { InstanceView } from '../model.ts'

/** The line above the composer about a gateway that is not ready; `since` words how long ago a moment was. */
export function gatewayNote(
  { state, slug, reason, changedAt }: InstanceView,
  since: (at: number) => string,
): string | undefined {
  switch (state) {
    case 'ready':
      return undefined
    case 'provisioning':
    case 'starting':
      return `${slug} is starting (${since(changedAt)}). You can write now; it answers when it is ready.`
    case 'restarting':
      return `${slug} is restarting (${since(changedAt)}). You can write now; it answers when it is ready.`
    case 'failed':
      return `${slug} is not running.${because(reason)} Your messages are kept and sent when it is back.`
    case 'stopped':
      return `${slug} is stopped.${because(reason)} Your messages are kept and sent when it runs again.`
    case 'deleting':
      return `${slug} is being deleted.`
    case 'deleted':
      return `${slug} was deleted.`
  }
}

const because = (reason: string | undefined): string => (reason === undefined ? '' : ` Reason: ${reason}.`)
