import { Fault, type FaultCode } from '#nips/kit/fault'

/** How a call refused, for `toEqual`: a test that wants a Fault must not be pleased by any other error. */
export type Refusal = { code: FaultCode; message: string } | { thrown: unknown } | { returned: unknown }

/** Calls, waits, and tells how it ended. */
export async function refusalOf(call: () => unknown): Promise<Refusal> {
  try {
    return { returned: await call() }
  } catch (thrown) {
    return thrown instanceof Fault ? { code: thrown.code, message: thrown.message } : { thrown }
  }
}
