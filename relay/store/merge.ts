import { byPlace, type Standing } from './postings.ts'
import type { Range } from './ranges.ts'

/** Several ranges as one: each event once, in the order of the index. */
export function merge(ranges: readonly Range[]): Range {
  const heap = createHeap(ranges)
  let last = -1

  function head(): Standing | undefined {
    for (let top = heap.top(); top; top = heap.top()) {
      if (top[0] !== last) return top
      heap.advance()
    }
    return undefined
  }

  return {
    head,
    advance() {
      last = head()?.[0] ?? last
      heap.advance()
    },
  }
}

type Heap = { readonly top: () => Standing | undefined; readonly advance: () => void }
type Node = { head: Standing; readonly range: Range }

/** The range whose head comes first is at the top. */
function createHeap(ranges: readonly Range[]): Heap {
  const nodes: Node[] = []
  for (const range of ranges) {
    const head = range.head()
    if (head) nodes.push({ head, range })
  }
  for (let at = (nodes.length >> 1) - 1; at >= 0; at--) sink(nodes, at)

  return {
    top: () => nodes[0]?.head,
    advance() {
      const [first] = nodes
      if (first === undefined) return
      first.range.advance()
      const head = first.range.head()
      if (head) first.head = head
      else dropFirst(nodes)
      sink(nodes, 0)
    },
  }
}

function dropFirst(nodes: Node[]): void {
  const last = nodes.pop()
  if (last && nodes.length > 0) nodes[0] = last
}

/** Lets the node at `from` down to where it belongs. */
function sink(nodes: Node[], from: number): void {
  let at = from
  const node = nodes[at]
  if (node === undefined) return
  for (;;) {
    const child = smaller(nodes, 2 * at + 1)
    const below = nodes[child]
    if (below === undefined || byPlace(node.head, below.head) <= 0) break
    nodes[at] = below
    at = child
  }
  nodes[at] = node
}

function smaller(nodes: readonly Node[], left: number): number {
  const [a, b] = [nodes[left], nodes[left + 1]]
  return a && b && byPlace(b.head, a.head) < 0 ? left + 1 : left
}
