import { createSignal, onMount } from 'solid-js'
import { remember } from './remember.ts'

/** Pixels. */
const limits = {
  left: { least: 220, most: 360, usual: 264, label: 'Width of the left column' },
  right: { least: 280, most: 440, usual: 336, label: 'Width of the right column' },
} as const
const STEP = 16

/** The edge of a column: drag it, or press the arrow keys; a double press gives the usual width back. */
export function Splitter(props: { side: 'left' | 'right' }) {
  const { least, most, usual, label } = limits[props.side]
  const [width, setWidth] = createSignal<number>(usual)
  const clamp = (wanted: number) => Math.min(most, Math.max(least, Math.round(wanted)))
  const set = (wanted: number) => {
    setWidth(clamp(wanted))
    document.documentElement.style.setProperty(`--column-${props.side}`, `${width()}px`)
  }
  const keep = () => remember(`oa.column.${props.side}`, String(width()))
  onMount(() => {
    const kept = Number.parseInt(
      getComputedStyle(document.documentElement).getPropertyValue(`--column-${props.side}`),
      10,
    )
    if (kept > 0) setWidth(clamp(kept))
  })

  const drag = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
    set(props.side === 'left' ? event.clientX : innerWidth - event.clientX)
  }
  const press = (event: KeyboardEvent) => {
    const outward = props.side === 'left' ? 'ArrowRight' : 'ArrowLeft'
    const inward = props.side === 'left' ? 'ArrowLeft' : 'ArrowRight'
    const to = { [outward]: width() + STEP, [inward]: width() - STEP, Home: least, End: most }[event.key]
    if (to === undefined) return
    event.preventDefault()
    set(to)
    keep()
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: an hr cannot be dragged
    <div
      class="splitter"
      role="separator"
      tabindex="0"
      aria-label={label}
      aria-orientation="vertical"
      aria-valuemin={least}
      aria-valuemax={most}
      aria-valuenow={width()}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onPointerUp={keep}
      onDblClick={() => {
        set(usual)
        keep()
      }}
      onKeyDown={press}
    />
  )
}
