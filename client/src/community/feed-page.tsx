import { createSignal, Show } from 'solid-js'
import { Bar } from '../shell/bar.tsx'
import { useKey } from '../shell/key.ts'
import { PostForm } from './post-form.tsx'
import { Posts } from './posts.tsx'

/** The community in the middle column. */
export function FeedPage() {
  const withKey = useKey()
  const [writing, setWriting] = createSignal(false)
  const write = () => withKey(() => setWriting(true))
  return (
    <>
      <Bar title="Community">
        <span class="grow" />
        <button type="button" class="button primary" onClick={write}>
          Write a post
        </button>
      </Bar>
      <section class="scroll" tabindex="0" aria-label="Posts">
        <div class="feed">
          <h2 class="hidden">Posts</h2>
          <Show when={writing()}>
            <PostForm label="What do you want to say?" onDone={() => setWriting(false)} />
          </Show>
          <Posts />
        </div>
      </section>
    </>
  )
}
