import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

/** A browser profile of its own. */
export type Visitor = {
  readonly context: BrowserContext
  /** A page, with everything its console complained about. */
  open(path?: string): Promise<{ page: Page; complaints: string[] }>
}

/** Chromium without a window, and without anything it would do over the network by itself. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROME ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** A profile whose pages are of one site. */
export async function visit(
  browser: Browser,
  url: string,
  options: Parameters<Browser['newContext']>[0],
): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
  context.setDefaultTimeout(10_000)
  return {
    context,
    open: async (path = '/') => {
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
      })
      await page.goto(url + path)
      return { page, complaints }
    },
  }
}
