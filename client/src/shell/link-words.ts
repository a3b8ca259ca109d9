import type { LinkView, ServiceView } from '../model.ts'

/** How the link to the relay is, in the sidebar's few words: gateways and the service have states of their own. */
export function linkWords({ state, before }: LinkView): string {
  return `Relay ${state === 'connecting' && before ? 'reconnecting' : state}`
}

/** The banner while there is no link. */
export function offlineText({ tryAt }: LinkView, now: number): string {
  const left = Math.max(1, (tryAt ?? now) - now)
  return `Offline. You can keep reading and writing; we send when you are back. Next try in ${left} s.`
}

/** The banner about the service, while there is a link: it is another program, and may be away by itself. */
export function serviceText({ state, health }: ServiceView): string | undefined {
  if (state === 'silent')
    return 'The OpenClaw service is not answering. The relay is fine; your messages are saved and will be answered when it is back.'
  const openclaw = health?.openclaw
  if (state !== 'alive' || openclaw === undefined) return undefined
  if (health?.trouble !== undefined) return `The OpenClaw service cannot run anything now: ${health.trouble}`
  if (openclaw.state === 'installing')
    return `OpenClaw is being installed (${Math.floor(openclaw.progress * 100)} %). You can look around and write meanwhile.`
  if (openclaw.state === 'missing')
    return 'OpenClaw is not installed yet. It is installed when the first gateway is made.'
  if (openclaw.state === 'failed')
    return `OpenClaw could not be installed. ${openclaw.reason ?? ''} It is tried again by itself.`.replace('  ', ' ')
  return undefined
}
