import { type Fault, type FaultCode, faults } from '#nips/kit/fault'
import type { ErrorView } from '../model.ts'

/** A failure as people read it: what happened, and what to do. */
export const errorOf = (fault: Pick<Fault, 'code' | 'message'> & { retry?: boolean }): ErrorView => ({
  code: fault.code,
  message: sentence(fault.message),
  fix: faults[fault.code].fix,
  retry: fault.retry ?? faults[fault.code].retry,
})

export const failureOf = (code: FaultCode, message: string): ErrorView => errorOf({ code, message })

/** Upper case first, a full stop last. */
function sentence(text: string): string {
  const trimmed = text.trim()
  if (trimmed === '') return ''
  const first = trimmed.charAt(0).toUpperCase() + trimmed.slice(1)
  return /[.!?…]$/.test(first) ? first : `${first}.`
}
