import { useLocation } from '@solidjs/router'
import { createEffect } from 'solid-js'
import type { TaskView } from '../model.ts'
import { useWire } from '../wire.ts'
import { useUi } from './ui.ts'

/** Says how a gateway's making or removal ended, where the person does not see it happen. */
export function useOutcomes(): void {
  const { view } = useWire()
  const ui = useUi()
  const location = useLocation()
  let running = new Map<string, string>()
  createEffect(() => {
    for (const task of view.tasks) {
      const name = running.get(task.id)
      const said = name === undefined ? undefined : outcomeOf(task, name, location.pathname)
      if (said !== undefined) ui.toast(said)
    }
    const open = view.tasks.filter(({ stage }) => stage === 'running' || stage === 'queued')
    running = new Map(open.map(({ id, instance, slug }) => [id, running.get(id) ?? nameOf(instance, slug)]))
  })
  const nameOf = (instance: string, slug: string): string =>
    slug || (view.instances.find(({ id }) => id === instance)?.slug ?? 'The gateway')
}

function outcomeOf({ type, stage }: TaskView, name: string, path: string): string | undefined {
  if (stage !== 'done') return undefined
  if (type === 'delete') return `${name} is deleted. Its chat stays here to read.`
  return path === '/' ? undefined : `${name} is ready.`
}
