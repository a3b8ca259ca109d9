import type { RelayInfo } from '../info.ts'

/** The page for somebody who opens the relay's address in a browser. It needs nothing else to be shown. */
export function welcome({ name, description = '', supported_nips }: RelayInfo): string {
  const [title, text] = [plain(name), plain(description)]
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>body{font:1.1rem/1.6 system-ui;max-width:36rem;margin:15vh auto;padding:0 1rem;color-scheme:light dark}</style>
<h1>${title}</h1>
<p>${text}
<p>This is a Nostr relay: connect to this address with a Nostr client. It speaks NIP ${supported_nips.join(', ')}.
</html>
`
}

const marks: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const plain = (text: string): string => text.replace(/[&<>"]/g, (mark) => marks[mark] ?? '')
