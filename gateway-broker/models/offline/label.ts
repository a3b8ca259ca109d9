/** The last line of every reply of the offline model. */
export const LABEL = '*Offline model: built-in answers; no AI provider is configured.*'

export const withLabel = (reply: string): string => `${reply}\n\n${LABEL}`

/** A reply of ours as it was before it was labelled. */
export const withoutLabel = (reply: string): string => reply.replace(LABEL, '').trim()
