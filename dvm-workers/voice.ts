import { type Answering, encodeCheckpoint, encodeDelta, encodeStep } from '#nips/job-answers'
import type { Clock } from '#nips/kit/clock'
import type { RelayLink } from '#nips/relay-link'
import type { ServiceKey } from './key.ts'
import type { WorkerStore } from './store.ts'

/** Milliseconds between deltas, and between checkpoints while text grows. */
const DELTA_EVERY = 100
const CHECKPOINT_EVERY = 1000
/** Milliseconds without a word after which the job shows that it is alive. */
const BEAT_EVERY = 8000
/** Numbers taken at once; a worker that starts again goes on above them, and a checkpoint bridges the gap. */
const SEQ_BLOCK = 256

export type VoiceDeps = {
  answering: () => Answering
  store: Pick<WorkerStore, 'reserveSeq'>
  link: Pick<RelayLink, 'send' | 'publish'>
  key: ServiceKey
  clock: Clock
}

/**
 * Lets one job speak: text goes out as numbered deltas at most ten times a second, with a checkpoint of everything
 * at least every second, so that whoever missed a delta catches up.
 */
export class Voice {
  readonly #deps: VoiceDeps
  readonly #job: string
  #text = ''
  #sentLength = 0
  #next = 0
  #reserved = 0
  #checkpointed = 0
  #checkpointAt: number
  #checkpointSecond = 0
  #spokeAt: number
  #phase: string
  #work: Promise<void> = Promise.resolve()
  readonly #stop: () => void

  constructor(deps: VoiceDeps, first: { job: string; phase: string }) {
    this.#deps = deps
    this.#job = first.job
    this.#phase = first.phase
    this.#checkpointAt = deps.clock.millis()
    this.#spokeAt = deps.clock.millis()
    this.#stop = deps.clock.every(DELTA_EVERY, () => this.#tick())
  }

  get text(): string {
    return this.#text
  }

  /** More text. The first of it leaves at once. */
  add(text: string): void {
    const first = this.#text === ''
    this.#text += text
    if (first) this.#tick()
  }

  /** All text so far, when it did not simply continue: only a checkpoint can say that. */
  replace(text: string): void {
    if (text.startsWith(this.#text)) this.add(text.slice(this.#text.length))
    else this.#restate(text)
  }

  /** The checkpoint takes a number of its own, so that readers who have every delta before it take it too. */
  #restate(text: string): void {
    this.#number()
    this.#text = text
    this.#sentLength = text.length
    this.#checkpointed = -1
    this.#checkpointAt = 0
    this.#tick()
  }

  /** Starts after the numbers an earlier worker may have used; the text it left comes again as a checkpoint. */
  resume(text: string): void {
    this.#next = this.#deps.store.reserveSeq(this.#job, SEQ_BLOCK)
    this.#reserved = this.#next + SEQ_BLOCK
    if (text !== '') this.#restate(text)
  }

  /** The phase its signs of life name from now on. */
  enter(phase: string): void {
    this.#phase = phase
  }

  step(phase: string, progress: number): void {
    this.#phase = phase
    this.#spokeAt = this.#deps.clock.millis()
    this.#queue(async () => this.#send(await encodeStep(this.#deps.answering(), { phase, progress })))
  }

  /** Says the rest, and resolves once it has left. */
  async finish(): Promise<void> {
    this.#stop()
    this.#speak()
    await this.#work
  }

  #tick(): void {
    const now = this.#deps.clock.millis()
    this.#speak()
    const due = now - this.#checkpointAt >= CHECKPOINT_EVERY && this.#checkpointed !== this.#sentLength
    if (due && this.#text !== '') this.#checkpoint(now)
    if (now - this.#spokeAt >= BEAT_EVERY) this.step(this.#phase, 0)
  }

  #speak(): void {
    const piece = this.#text.slice(this.#sentLength)
    if (piece === '') return
    this.#sentLength = this.#text.length
    this.#spokeAt = this.#deps.clock.millis()
    const seq = this.#number()
    this.#queue(async () => this.#send(await encodeDelta(this.#deps.answering(), seq, piece)))
  }

  #checkpoint(now: number): void {
    this.#checkpointAt = now
    this.#checkpointed = this.#sentLength
    const text = this.#text.slice(0, this.#sentLength)
    const seq = Math.max(0, this.#next - 1)
    this.#queue(async () => {
      const answering = this.#deps.answering()
      // Of two checkpoints in one second a relay may keep the older one.
      this.#checkpointSecond = Math.max(answering.now, this.#checkpointSecond + 1)
      const at = { ...answering, now: this.#checkpointSecond }
      const event = this.#deps.key.sign(await encodeCheckpoint(at, seq, text))
      void this.#deps.link.publish(event).catch(() => undefined)
    })
  }

  #number(): number {
    if (this.#next >= this.#reserved) this.#reserved = this.#deps.store.reserveSeq(this.#job, SEQ_BLOCK) + SEQ_BLOCK
    const seq = this.#next
    this.#next += 1
    return seq
  }

  #send(template: Parameters<ServiceKey['sign']>[0]): void {
    this.#deps.link.send(this.#deps.key.sign(template))
  }

  #queue(work: () => Promise<void>): void {
    // A piece that cannot be sent is missed by nobody for good: the result has all of the text.
    this.#work = this.#work.then(work).catch(() => undefined)
  }
}
