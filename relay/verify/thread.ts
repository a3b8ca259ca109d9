import { parentPort, workerData } from 'node:worker_threads'
import { CLAIM } from './claims.ts'
import { openPath } from './paths.ts'
import { BAD, GOOD, type Task, type ThreadData, verdictsOf } from './slab.ts'

/** A thread that checks what is written in its slabs: a task says which one and how many, its number comes back when done. */
const { path, slabs } = workerData as ThreadData
const { check } = await openPath(path)
const lanes = slabs.map((shared) => ({ slab: Buffer.from(shared), verdicts: verdictsOf(shared) }))

parentPort?.on('message', ({ lane, count }: Task) => {
  const { slab, verdicts } = lanes[lane] ?? {}
  if (slab === undefined || verdicts === undefined) return
  for (let index = 0; index < count; index++) verdicts[index] = check(slab, index * CLAIM) ? GOOD : BAD
  parentPort?.postMessage(lane)
})
