import { createMemo, createSignal, For, lazy, Match, Show, Suspense, Switch } from 'solid-js'
import { ago, count, shortKey } from '../format.ts'
import type { PostView, ProfileView } from '../model.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Icon } from '../parts/icon.tsx'
import { useKey } from '../shell/key.ts'
import { useTime } from '../time.ts'
import { useWire } from '../wire.ts'
import { type Conversation, conversationsOf } from './conversations.ts'
import { segmentsOf } from './segments.ts'

const PostForm = lazy(() => import('./post-form.tsx').then(({ PostForm }) => ({ default: PostForm })))

/** The public posts of the relay. `compact` is the column beside a chat: the newest, without their answers. */
export function Posts(props: { compact?: boolean }) {
  const { view } = useWire()
  const all = createMemo(() => conversationsOf(view.posts))
  const shown = () => (props.compact ? all().slice(0, 20) : all())
  return (
    <>
      <ul class="posts">
        <For each={shown()} fallback={<NoPosts />}>
          {(conversation) => (
            <li>
              <Post post={conversation.post} compact={props.compact} replies={conversation.replies.length} />
              <Show when={!props.compact}>
                <Replies of={conversation} />
              </Show>
            </li>
          )}
        </For>
      </ul>
      <p class="fine pad">Posts are public Nostr events. Any Nostr client can read and answer them.</p>
    </>
  )
}

const Replies = (props: { of: Conversation }) => (
  <Show when={props.of.replies.length > 0}>
    <ul class="replies">
      <For each={props.of.replies}>
        {(reply) => (
          <li>
            <Post post={reply} replies={0} />
          </li>
        )}
      </For>
    </ul>
  </Show>
)

function NoPosts() {
  const { view } = useWire()
  return (
    <li class="pad soft small">
      <Switch fallback="Loading posts">
        <Match when={view.loaded.posts}>Nobody has posted here yet.</Match>
        <Match when={view.link.state === 'offline'}>Offline, and no post is kept in this browser yet.</Match>
      </Switch>
    </li>
  )
}

function Post(props: { post: PostView; compact?: boolean; replies: number }) {
  const { view, run } = useWire()
  const { now } = useTime()
  const withKey = useKey()
  const [replying, setReplying] = createSignal(false)
  const author = (): ProfileView | undefined => view.profiles[props.post.pubkey]
  const name = () => author()?.name ?? shortKey(author()?.npub ?? props.post.pubkey)
  const reply = () => withKey(() => setReplying(!replying()))
  return (
    <article class="post">
      <Avatar who={author()?.agent ? 'agent' : 'person'} name={author()?.name ?? author()?.npub.slice(5) ?? ''} />
      <div class="grow">
        <p class="small author">
          <strong class="cut">{name()}</strong>
          <span class="fine">
            <Show when={author()?.agent}>agent, </Show>
            {ago(props.post.at, now())}
          </span>
        </p>
        <PostText text={props.post.text} small={props.compact} />
        <Show
          when={props.post.state === undefined}
          fallback={
            <p class="fine line" classList={{ wrong: props.post.state === 'refused' }}>
              {props.post.state === 'refused' ? props.post.error : 'Queued. It is sent when you are back online.'}
              <button type="button" class="link" onClick={() => void run('discardPost', { post: props.post.id })}>
                Discard
              </button>
            </p>
          }
        >
          <div class="post-foot">
            <button type="button" class="button quiet" aria-expanded={replying()} onClick={reply}>
              <Icon name="reply" />
              <Show when={props.replies > 0} fallback="Reply">
                {count(props.replies, 'reply', 'replies')}
              </Show>
            </button>
          </div>
          <Show when={replying()}>
            <Suspense>
              <PostForm parent={props.post.id} label={`Answer to ${name()}`} onDone={() => setReplying(false)} />
            </Suspense>
          </Show>
        </Show>
      </div>
    </article>
  )
}

/** Characters after which a post is folded. */
const LONG = 700

function PostText(props: { text: string; small?: boolean }) {
  const [open, setOpen] = createSignal(false)
  const isLong = () => props.text.length > LONG
  const text = () => (isLong() && !open() ? `${props.text.slice(0, LONG)}…` : props.text)
  return (
    <>
      <p class="post-text" classList={{ small: props.small, soft: props.small }} dir="auto">
        <For each={segmentsOf(text())}>
          {(segment) => (
            <Switch fallback={segment.text}>
              <Match when={segment.type === 'link'}>
                <a href={segment.text} target="_blank" rel="noopener noreferrer nofollow ugc">
                  {segment.text}
                </a>
              </Match>
              <Match when={segment.type === 'reference'}>
                <a href={`nostr:${segment.text}`} rel="nofollow ugc">
                  {shortKey(segment.text)}
                </a>
              </Match>
            </Switch>
          )}
        </For>
      </p>
      <Show when={isLong()}>
        <button type="button" class="link fine" aria-expanded={open()} onClick={() => setOpen(!open())}>
          {open() ? 'Show less' : 'Show all'}
        </button>
      </Show>
    </>
  )
}
