import type { Database } from './database.ts'

/** Questions that take long: asked of a thread of its own, so that nobody else waits. */
export type Inquiry = {
  /** Writes a copy of everything into a new file. */
  readonly backup: (target: string) => void
}

export const createInquiry = ({ sql }: Database): Inquiry => ({
  backup: (target) => {
    sql('VACUUM INTO ?').run(target)
  },
})
