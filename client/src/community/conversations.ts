import type { PostView } from '../model.ts'

export type Conversation = { post: PostView; replies: PostView[] }

/** First posts, newest first, each with its answers in the order they came. An answer whose first post is not here stands alone. */
export function conversationsOf(posts: Record<string, PostView>): Conversation[] {
  const all = Object.values(posts)
  const homes = new Map<string, Conversation>()
  for (const post of all) if (homeOf(post, posts) === post.id) homes.set(post.id, { post, replies: [] })
  for (const post of all) {
    const home = homeOf(post, posts)
    if (home !== post.id) homes.get(home)?.replies.push(post)
  }
  for (const { replies } of homes.values()) replies.sort((a, b) => a.at - b.at || order(a, b))
  return [...homes.values()].sort((a, b) => b.post.at - a.post.at || order(a.post, b.post))
}

const order = (a: PostView, b: PostView): number => (a.id < b.id ? -1 : 1)

/** The first post of the conversation, as far as it is here; one that is in a circle, which only a forger makes, stands alone. */
function homeOf(post: PostView, posts: Record<string, PostView>): string {
  const passed = new Set<string>()
  let home = post
  for (let above = aboveOf(home, posts); above !== undefined; above = aboveOf(home, posts)) {
    passed.add(home.id)
    if (passed.has(above.id)) return post.id
    home = above
  }
  return home.id
}

const aboveOf = ({ root = '', parent = '' }: PostView, posts: Record<string, PostView>): PostView | undefined =>
  posts[root] ?? posts[parent]
