import { z } from 'zod'

/** `d` of the instance's state event: 16 hex digits, made from the id of the job that created it. */
export const instanceId = z.string().regex(/^[0-9a-f]{16}$/, 'is 16 lower-case hex digits')

/** A name that is unique among its owner's instances. */
export const slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'is 1 to 32 of a-z, 0-9 and -, not at the ends')

/** An event id. */
export const eventId = z.string().regex(/^[0-9a-f]{64}$/, 'is 64 lower-case hex digits')
