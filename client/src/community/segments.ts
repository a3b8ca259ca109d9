/** A post's text in pieces: words, web addresses, and references to keys and events (NIP-27). */
export type Segment = { type: 'text' | 'link' | 'reference'; text: string }

const pattern = /(https?:\/\/[^\s<>"'`]+)|nostr:((?:npub|nprofile|note|nevent|naddr)1[02-9ac-hj-np-z]{6,})/g

export function segmentsOf(text: string): Segment[] {
  const segments: Segment[] = []
  let end = 0
  for (const match of text.matchAll(pattern)) {
    const [whole, address, reference] = match
    const found = address === undefined ? whole : withoutTail(address)
    if (match.index > end) segments.push({ type: 'text', text: text.slice(end, match.index) })
    segments.push(address === undefined ? { type: 'reference', text: reference ?? '' } : { type: 'link', text: found })
    end = match.index + found.length
  }
  if (end < text.length) segments.push({ type: 'text', text: text.slice(end) })
  return segments
}

/** Punctuation after an address belongs to the sentence. */
function withoutTail(address: string): string {
  const trimmed = address.replace(/[.,;:!?]+$/, '')
  return trimmed.endsWith(')') && !trimmed.includes('(') ? trimmed.slice(0, -1) : trimmed
}
