import { parentPort, workerData } from 'node:worker_threads'
import { openToRead, openToWrite } from '../database.ts'
import { createInquiry } from '../inquiry.ts'
import { createWriting } from '../writing.ts'
import { answer, type Question, type Role } from './messages.ts'

/** One thread of a store: does what it is asked on a connection of its own, one after the other. */
const { file, role } = workerData as { file: string; role: Role }
const database = role === 'write' ? openToWrite(file) : openToRead(file)
const jobs = role === 'write' ? createWriting(database) : createInquiry(database)

parentPort?.on('message', (question: Question) => {
  if (question.job !== 'close') parentPort?.postMessage(answer(jobs, question))
  else {
    database.close()
    parentPort?.close()
  }
})
