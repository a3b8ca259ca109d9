import { type Discovery, discoveryShape } from '#nips/discovery'
import type { Clock } from '#nips/kit/clock'

/** A deployment's document, and how many seconds its clock is ahead of this browser's. */
export type Found = { discovery: Discovery; ahead: number }

/** Seconds of difference that a slow answer alone can cause. */
const NOISE = 5

/** Reads `/.well-known/openagents.json`. Rejects when the server is away or answers something else. */
export async function findDeployment(get: typeof fetch, clock: Clock): Promise<Found> {
  const asked = clock.now()
  const response = await get('/.well-known/openagents.json', { cache: 'no-store' })
  const discovery = discoveryShape.parse(await response.json())
  const told = globalThis.Date.parse(response.headers.get('date') ?? '') / 1000
  const ahead = Number.isFinite(told) ? Math.round(told - (asked + clock.now()) / 2) : 0
  return { discovery, ahead: Math.abs(ahead) > NOISE ? ahead : 0 }
}

/** The same clock, set to the deployment's time: what we sign is judged by that one. */
export const shiftClock = (clock: Clock, ahead: number): Clock => ({ ...clock, now: () => clock.now() + ahead })
