import type { TurnView } from '../model.ts'

/** The one thread a gateway has for now; turns carry theirs, so that more need no other shape. */
export const MAIN = 'main'

export type ChatView = { instance: string; thread: string; title: string; at: number; working: boolean }

const isOpen = ({ stage, sent }: TurnView): boolean =>
  (stage === 'waiting' && sent !== 'queued') || stage === 'thinking' || stage === 'writing'

/** Every thread that something was said in, the latest first. */
export function chatsOf(turns: Record<string, TurnView>): ChatView[] {
  const chats = new Map<string, ChatView & { first: number }>()
  for (const turn of Object.values(turns)) {
    const { instance, thread, text, at } = turn
    if (instance === '') continue
    const key = `${instance}/${thread}`
    const known = chats.get(key) ?? { instance, thread, title: text, at, first: at, working: false }
    const earlier = at < known.first
    chats.set(key, {
      ...known,
      title: earlier ? text : known.title,
      first: Math.min(at, known.first),
      at: Math.max(at, known.at),
      working: known.working || isOpen(turn),
    })
  }
  return [...chats.values()]
    .map(({ first: _first, ...chat }) => ({ ...chat, title: titleOf(chat.title) }))
    .sort(latestFirst)
}

const latestFirst = (a: ChatView, b: ChatView): number => b.at - a.at

/** The first line, short enough for a row. */
const titleOf = (text: string): string => text.trim().split('\n')[0]?.slice(0, 80) ?? ''

/** The turns of one thread in the order they were said; what waits comes last. */
export function turnsOf(turns: Record<string, TurnView>, instance: string, thread: string): TurnView[] {
  return Object.values(turns)
    .filter((turn) => turn.instance === instance && turn.thread === thread)
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
}
