import { Fault } from '#nips/kit/fault'
import type { FromWorker, SignerAnswer, SignerCall, ToWorker } from '../model.ts'

type Waiting = { resolve(value: SignerAnswer): void; reject(fault: Fault): void }

/** Calls to the extension in the page, each with its answer. */
export class SignerCalls {
  readonly #post: (message: FromWorker) => void
  readonly #waiting = new Map<number, Waiting>()
  #count = 0

  constructor(post: (message: FromWorker) => void) {
    this.#post = post
  }

  /** Rejects with `denied` and the extension's reason when it refuses. */
  ask(call: SignerCall): Promise<SignerAnswer> {
    this.#count += 1
    const id = this.#count
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#post({ type: 'sign', id, call })
    })
  }

  answered(message: Extract<ToWorker, { type: 'signed' | 'unsigned' }>): void {
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (message.type === 'signed') waiting?.resolve(message.value)
    else waiting?.reject(new Fault('denied', message.reason))
  }
}
