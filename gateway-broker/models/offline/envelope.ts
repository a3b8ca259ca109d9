/** What a person said, and when, if the envelope told: `Mon 2026-11-23 00:54 UTC`. */
export type Letter = { text: string; when?: string }

const MARK = '⟦openclaw:ctx⟧'

/** Wrappers that OpenClaw 2026.9.6 puts around a message for the model alone; some are in the middle of the text. */
const wrappers: readonly RegExp[] = [
  /<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>[\s\S]*?(?:<<<END_OPENCLAW_INTERNAL_CONTEXT>>>|$)/g,
  /<<<END_OPENCLAW_INTERNAL_CONTEXT>>>/g,
  /^OpenClaw runtime (?:context|event)[^\n]*\n(?:This context is runtime-generated[^\n]*)?/gm,
  /(?:^Context:[ \t]*\n)?<active_memory_plugin>[\s\S]*?(?:<\/active_memory_plugin>|(?![\s\S]))/gm,
  /^Context: ⟦openclaw:ctx⟧[\s\S]*$/gm,
  /^[^\n]*⟦openclaw:ctx⟧[ \t]*\n```json\n[\s\S]*?(?:\n```|(?![\s\S]))/gm,
  /^[^\n]*⟦openclaw:ctx⟧[ \t]*(?:\n[^\n]+)*/gm,
  /^Delivery: [^\n]*`message` tool[^\n]*$/gm,
  /^Runtime: agent=[^\n]*$/gm,
  /<!-- openclaw:[^>]{0,200}-->/g,
]

const TIME = /^\[([A-Z][a-z]{2} \d{4}-\d{2}-\d{2} \d{2}:\d{2}[^\]\n]{0,40})\] ?/

/**
 * Opens what OpenClaw wrapped around a message, so that only the person's words are left; empty when there are none.
 * A model that repeats a wrapper makes the gateway fail the run ("cannot be represented as an append-only stream").
 */
export function openEnvelope(raw: string): Letter {
  const bare = wrappers.reduce((text, wrapper) => text.replace(wrapper, ''), raw).trim()
  const when = TIME.exec(bare)?.[1]
  const text = bare
    .replace(TIME, '')
    .replaceAll(MARK, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
  return when === undefined ? { text } : { text, when }
}
