import { createSignal, createUniqueId, onMount, Show } from 'solid-js'
import { useWire } from '../wire.ts'

/** Writes a public post, or an answer to one. It is signed at once and sent when there is a link. */
export function PostForm(props: { label: string; parent?: string; onDone(): void }) {
  const { run } = useWire()
  const id = createUniqueId()
  const [text, setText] = createSignal('')
  const [wrong, setWrong] = createSignal('')
  let area: HTMLTextAreaElement | undefined
  onMount(() => area?.focus())
  const send = async () => {
    if (text().trim() === '') return
    const ran = await run('post', {
      text: text().trim(),
      ...(props.parent === undefined ? {} : { parent: props.parent }),
    })
    if (ran.ok) props.onDone()
    else setWrong(`${ran.error.message} ${ran.error.fix}`)
  }
  return (
    <form
      class="post-form"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <label class="small strong" for={id}>
        {props.label}
      </label>
      <textarea
        id={id}
        ref={area}
        class="input"
        rows="3"
        value={text()}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <Show when={wrong()}>
        <p class="fine wrong" role="alert">
          {wrong()}
        </p>
      </Show>
      <div class="line">
        <span class="fine grow">Public: anyone can read it.</span>
        <button type="button" class="button quiet" onClick={() => props.onDone()}>
          Cancel
        </button>
        <button type="submit" class="button primary">
          Sign and post
        </button>
      </div>
    </form>
  )
}
