import type { Judging } from './policy.ts'

/** Whether a key is one of the deployment's or runs the relay: limits for strangers are not for it. */
export const isOurs = (pubkey: string, { deployment, isAdmin }: Pick<Judging, 'deployment' | 'isAdmin'>): boolean =>
  deployment?.keys.has(pubkey) === true || isAdmin(pubkey)
