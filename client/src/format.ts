/** Text for people. All of it is English for now; nothing here touches the page. */

/** `npub1abcd…wxyz`: enough to tell two keys apart at a glance, with the ends people compare. */
export const shortKey = (npub: string): string => `${npub.slice(0, 9)}…${npub.slice(-4)}`

/** `4 s`, `1 min 05 s`, `2 h 03 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${pad(whole % 60)} s`
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`
}

/** `now`, `5 min ago`, `3 h ago`, then the date. */
export function ago(at: number, now: number): string {
  const seconds = now - at
  if (seconds < 60) return 'now'
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return dates.format(at * 1000)
}

/** `12:04`. */
export const timeOfDay = (at: number): string => times.format(at * 1000)

const dates = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' })
const times = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

const pad = (part: number): string => String(part).padStart(2, '0')

export const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`

/** A model as people read it. */
export const modelWords = ({ name, label, offline }: { name: string; label: string; offline: boolean }): string =>
  offline ? `${label}, built in` : `${label} ${name}`

/** Words of an answer, as a reader counts them. */
export const words = (text: string): number => text.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu)?.length ?? 0

/**
 * Text with everything that cannot be seen written out: in a decision, a mark that turns the reading
 * direction or hides a character could make it say something else than what runs.
 */
export const visible = (text: string): string =>
  text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, (mark) => {
    const point = (mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    return `\\u{${point}}`
  })

/** Bytes of UTF-8. */
export const bytes = (text: string): number => new TextEncoder().encode(text).length
