import { createEffect, createRenderEffect, For, type JSX, Match, onCleanup, Show, Switch } from 'solid-js'
import { createStore, reconcile } from 'solid-js/store'
import { insert } from 'solid-js/web'
import { CopyButton } from '../parts/copy-button.tsx'
import { useTime } from '../time.ts'
import { type Block, BlockReader, type Cell } from './blocks.ts'
import './markdown.css'

/** Milliseconds between two readings of a growing text; a slow machine gets three times what one costs it. */
const PAUSE = 33

/** Markdown without HTML: every element below is made by name, and text is only ever text. */
export function Markdown(props: { text: string; whole: boolean }) {
  const { clock } = useTime()
  const [drawn, setDrawn] = createStore<{ blocks: Block[] }>({ blocks: [] })
  const reader = new BlockReader()
  let next = 0
  let waiting = false
  let gone = false
  onCleanup(() => {
    gone = true
  })

  const draw = (): void => {
    const begun = clock.millis()
    const { from, blocks } = reader.read(props.text, props.whole)
    for (const [index, block] of blocks.entries())
      setDrawn('blocks', from + index, reconcile(block, { key: null, merge: true }))
    const length = from + blocks.length
    if (drawn.blocks.length > length) setDrawn('blocks', (shown) => shown.slice(0, length))
    next = clock.millis() + Math.max(PAUSE, 3 * (clock.millis() - begun))
  }
  const drawLater = async (): Promise<void> => {
    waiting = true
    await clock.sleep(Math.max(0, next - clock.millis()))
    waiting = false
    if (!gone) draw()
  }
  createEffect(() => {
    const { text, whole } = props
    if (whole || (text !== '' && clock.millis() >= next)) draw()
    else if (!waiting) void drawLater()
  })
  return (
    <div class="markdown" dir="auto">
      <Kids of={drawn.blocks} />
    </div>
  )
}

const Kids = (props: { of: Block[] }) => <For each={props.of}>{(block) => <Node block={block} />}</For>

/** One block; its type may change while it grows, and only then is the element another one. */
function Node(props: { block: Block }) {
  const is = <T extends Block['type']>(...types: T[]) =>
    (types as string[]).includes(props.block.type) ? (props.block as Extract<Block, { type: T }>) : undefined
  return (
    <Switch>
      <Match when={is('text')}>{(block) => <Text of={block().text} />}</Match>
      <Match when={is('code-span')}>
        {(block) => (
          <code>
            <Text of={block().text} />
          </code>
        )}
      </Match>
      <Match when={is('code')}>{(block) => <Code text={block().text} lang={block().lang} />}</Match>
      <Match when={is('link')}>
        {(block) => (
          <Show when={block().href} fallback={<Kids of={block().kids} />}>
            {(href) => (
              <a href={href()} target="_blank" rel="noopener noreferrer nofollow ugc">
                <Kids of={block().kids} />
              </a>
            )}
          </Show>
        )}
      </Match>
      <Match when={is('list')}>
        {(block) => (
          <Show
            when={block().ordered}
            fallback={
              <ul>
                <Kids of={block().kids} />
              </ul>
            }
          >
            <ol start={block().start}>
              <Kids of={block().kids} />
            </ol>
          </Show>
        )}
      </Match>
      <Match when={is('table')}>{(block) => <Table head={block().head} rows={block().rows} />}</Match>
      <Match when={is('checkbox')}>
        {(block) => (
          <input type="checkbox" disabled checked={block().checked} aria-label={block().checked ? 'done' : 'open'} />
        )}
      </Match>
      <Match when={is('heading', 'paragraph', 'strong', 'em', 'del', 'quote', 'item')}>
        {(block) => (
          <Show when={tagOf(block())} keyed>
            {(tag) => <Element tag={tag} kids={block().kids} />}
          </Show>
        )}
      </Match>
      <Match when={is('group')}>{(block) => <Kids of={block().kids} />}</Match>
      <Match when={is('rule')}>
        <hr />
      </Match>
      <Match when={is('break')}>
        <br />
      </Match>
    </Switch>
  )
}

const elements = { paragraph: 'p', strong: 'strong', em: 'em', del: 'del', quote: 'blockquote', item: 'li' } as const

type Tag = 'h3' | 'h4' | (typeof elements)[keyof typeof elements]

const tagOf = (block: Extract<Block, { type: 'heading' | keyof typeof elements }>): Tag =>
  block.type === 'heading' ? (block.small ? 'h4' : 'h3') : elements[block.type]

/** An element by its name, without attributes. */
function Element(props: { tag: Tag; kids: Block[] }): JSX.Element {
  const element = document.createElement(props.tag)
  insert(element, <Kids of={props.kids} />)
  return element
}

/** A text node whose data is set: it stays the same node while it grows. */
function Text(props: { of: string }): JSX.Element {
  const node = document.createTextNode('')
  createRenderEffect(() => {
    node.data = props.of
  })
  return node
}

const Code = (props: { text: string; lang: string }) => (
  <div class="code">
    <div class="code-bar">
      <span class="fine grow">{props.lang}</span>
      <CopyButton text={props.text} label="Copy code" />
    </div>
    <pre tabindex="0">
      <code>
        <Text of={props.text} />
      </code>
    </pre>
  </div>
)

const Table = (props: { head: Cell[]; rows: { cells: Cell[] }[] }) => (
  <section class="table" tabindex="0" aria-label="Table">
    <table>
      <thead>
        <Cells tag="th" of={props.head} />
      </thead>
      <tbody>
        <For each={props.rows}>{(row) => <Cells tag="td" of={row.cells} />}</For>
      </tbody>
    </table>
  </section>
)

const Cells = (props: { tag: 'th' | 'td'; of: Cell[] }) => (
  <tr>
    <For each={props.of}>
      {(cell) => (
        <Show
          when={props.tag === 'th'}
          fallback={
            <td data-align={cell.align}>
              <Kids of={cell.kids} />
            </td>
          }
        >
          <th data-align={cell.align}>
            <Kids of={cell.kids} />
          </th>
        </Show>
      )}
    </For>
  </tr>
)
