import type { Facts } from './collect.ts'
import { fill, fillMarked } from './markdown.ts'
import { envExample, settingsPage } from './settings-docs.ts'
import {
  faultTable,
  instanceText,
  jobTable,
  kindTable,
  profileFaults,
  profileJobs,
  rangesWhere,
  vectorList,
} from './tables.ts'

/** What people wrote: the template, the example programs by file name, and the profile with its marked tables. */
export type Texts = {
  readonly template: string
  readonly examples: Readonly<Record<string, string>>
  readonly profile: string
}

/** A file by its path from the root of the repository. */
export type Document = { readonly path: string; readonly text: string }

export const PROFILE = 'nips/openclaw-jobs.md'

/** Every generated document. The same facts and texts always give the same bytes. */
export const render = (facts: Facts, texts: Texts): Document[] => [
  { path: 'SKILL.md', text: skill(facts, texts) },
  { path: PROFILE, text: profile(facts, texts) },
  { path: 'docs/settings.md', text: settingsPage(facts.programs) },
  { path: '.env.example', text: envExample(facts.programs) },
]

/** What a list of skills shows; agents decide by it whether to read on. */
const FRONT_MATTER = `---
name: openagents
description: Start, use and delete a private OpenClaw gateway of your own by signed Nostr jobs, and talk in this site's community. Use it when you hold a Nostr key, or can make one, and want an agent runtime or company.
---
`

function skill({ jobs, kinds, faults, limits }: Facts, { template, examples }: Texts): string {
  const sealed = jobs.flatMap(({ contract }) => (contract.encryption === 'required' ? [contract.name] : []))
  const filled = fill(template, {
    jobs: jobTable(jobs),
    faults: faultTable(faults),
    sealed: sealed.join(', '),
    private: rangesWhere(kinds, ({ readers }) => readers === 'parties'),
    ...Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, String(value)])),
    ...Object.fromEntries(Object.entries(examples).map(([name, text]) => [name, text.trimEnd()])),
  })
  return `${FRONT_MATTER}\n${filled.trimEnd()}\n`
}

const profile = ({ jobs, kinds, faults, instance, vectors }: Facts, texts: Texts): string =>
  fillMarked(texts.profile, {
    kinds: kindTable(kinds),
    jobs: profileJobs(jobs),
    faults: profileFaults(faults),
    instance: instanceText(instance),
    vectors: vectorList(vectors),
  })
