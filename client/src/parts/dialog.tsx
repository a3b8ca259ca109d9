import { createUniqueId, type JSX, onCleanup, onMount, type ParentProps } from 'solid-js'

export type DialogProps = ParentProps<{
  title: string
  onClose(): void
  foot?: JSX.Element
  /** For dialogs that decide about something. */
  kicker?: JSX.Element
}>

/** A native modal dialog: the browser keeps the focus inside and gives it back. Focus begins on the heading. */
export function Dialog(props: DialogProps) {
  const id = createUniqueId()
  let dialog: HTMLDialogElement | undefined
  onMount(() => dialog?.showModal())
  onCleanup(() => dialog?.close())
  return (
    <dialog
      class="dialog"
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        props.onClose()
      }}
    >
      {props.kicker}
      <div class="dialog-body">
        <h2 id={id} tabindex="-1" autofocus>
          {props.title}
        </h2>
        {props.children}
      </div>
      <div class="dialog-foot">{props.foot}</div>
    </dialog>
  )
}
