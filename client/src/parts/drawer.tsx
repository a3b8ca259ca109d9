import { onCleanup, onMount, type ParentProps } from 'solid-js'

/** A column that slides over the page; Escape and a press beside it close it. */
export function Drawer(props: ParentProps<{ side: 'left' | 'right'; label: string; onClose(): void }>) {
  let dialog: HTMLDialogElement | undefined
  onMount(() => dialog?.showModal())
  onCleanup(() => dialog?.close())
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the press beside the drawer has Escape as its key
    <dialog
      class="drawer"
      data-side={props.side}
      ref={dialog}
      aria-label={props.label}
      onCancel={(event) => {
        event.preventDefault()
        props.onClose()
      }}
      onClick={(event) => {
        if (event.target === dialog) props.onClose()
      }}
    >
      {props.children}
    </dialog>
  )
}
