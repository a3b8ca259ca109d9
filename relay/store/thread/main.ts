import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '#nips/kit/clock'
import { openToRead, openToWrite } from '../database.ts'
import { createInquiry } from '../inquiry.ts'
import { createWriting } from '../writing.ts'
import { startChores } from './chores.ts'
import { answer, type Opening, type Question } from './messages.ts'

/** One thread of a store: does what it is asked on a connection of its own, one after the other. */
const { file, role, generation } = workerData as Opening

if (role === 'read') {
  const database = openToRead(file)
  serve(createInquiry(database), () => database.close())
} else {
  const database = openToWrite(file)
  const writing = createWriting(database, generation)
  const chores = startChores({ clock: systemClock(), work: () => writing.tidy(undefined) })
  serve(
    writing,
    () => {
      chores.stop()
      database.close()
    },
    chores.busy,
  )
}

function serve(jobs: Parameters<typeof answer>[0], end: () => void, busy?: () => void): void {
  parentPort?.on('message', (question: Question) => {
    if (question.job !== 'close') {
      parentPort?.postMessage(answer(jobs, question))
      busy?.()
      return
    }
    end()
    parentPort?.close()
  })
}
