import type { Judging, Policy, Verdict } from './policy.ts'

/** The operator's own program has the last word (strfry's write policy). It is not asked about what is here already. */
export const askThePlugin: Policy = (event, judging) =>
  judging.plugin ? ask(judging.plugin, event, judging) : undefined

async function ask(
  plugin: NonNullable<Judging['plugin']>,
  event: Parameters<Policy>[0],
  judging: Judging,
): Promise<Verdict> {
  if (await judging.find(event.id)) return undefined
  return plugin(event, judging)
}
