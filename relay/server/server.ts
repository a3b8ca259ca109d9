import type { Clock } from '#nips/kit/clock'
import type { Log } from '#nips/kit/log'
import type { Relay } from '../relay.ts'

export type ServeDeps = {
  relay: Relay
  host: string
  /** 0 for any. */
  port: number
  clock: Clock
  log: Log
  /** The header in which a proxy names the client's address; empty: there is no proxy. */
  realIpHeader: string
  /** Whether permessage-deflate is offered. */
  compression?: boolean
  /** Whether another process may listen on the same port. */
  reusePort?: boolean
}

export type Served = {
  readonly host: string
  readonly port: number
  /** Takes no new clients, says goodbye to the others and resolves when they are gone, within two seconds at most. */
  close(): Promise<void>
  /** Takes no new clients and serves the others; resolves when they have left by themselves, or after so many milliseconds. */
  drain(most: number): Promise<void>
}

/**
 * Resolves right behind a look at the network: whoever stood in the system's queue for the port has come in then,
 * and would be thrown out with the port otherwise.
 */
export async function waitForAccepted(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}
