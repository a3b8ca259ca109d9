import type { TaskView } from '../model.ts'
import type { Draft } from './draft.ts'
import { type Entry, taskOf, turnIdOf } from './entry.ts'

const names: readonly string[] = ['instance.provision', 'instance.delete']

/** Jobs that people watch as lines of progress. */
export const isTask = (job: { name: string } | undefined): boolean => job !== undefined && names.includes(job.name)

/** Every task, oldest first: from requests on the relay, and from drafts that are not signed yet or were refused. */
export function tasksOf(entries: readonly Entry[], drafts: readonly Draft[], now: number): TaskView[] {
  const tasks = new Map<string, TaskView>()
  const requests = entries.filter(({ job }) => isTask(job)).sort((a, b) => a.at - b.at)
  for (const entry of requests) tasks.set(turnIdOf(entry), taskOf(entry, now))
  for (const draft of drafts) {
    if (!isTask(draft.job)) continue
    const task = tasks.get(draft.id) ?? unsigned(draft)
    tasks.set(draft.id, draft.error === undefined ? task : { ...task, stage: 'failed', error: draft.error })
  }
  return [...tasks.values()]
}

function unsigned({ id, job, at }: Draft): TaskView {
  const { slug = '', instance = '' } = job?.input ?? {}
  return {
    id,
    type: job?.name === 'instance.provision' ? 'provision' : 'delete',
    slug: String(slug),
    instance: String(instance),
    at,
    stage: 'queued',
    lines: [{ phase: 'asked', label: 'Sending the request', at }],
  }
}
