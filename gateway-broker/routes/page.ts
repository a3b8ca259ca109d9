import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import type { Context, Hono } from 'hono'

/** Only our own files, no inline code, no frame around us; the relay is the only other thing the page talks to. */
export const policy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "font-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "frame-ancestors 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
  // Two places of the page make trusted values: Solid's own templates, and the address of its Worker.
  'trusted-types solid worker',
].join('; ')

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ico': 'image/x-icon',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

export type PageFiles = {
  /** The built client. */
  dist: string
  /** SKILL.md at the root of the repository. */
  skill: string
}

/** The client's files and SKILL.md. A page address that is no file gets the page, which knows its own routes. */
export function pageRoutes(app: Hono, { dist, skill }: PageFiles): void {
  app.get('/SKILL.md', async (context) => {
    context.header('access-control-allow-origin', '*')
    return (await fileAnswer(context, skill)) ?? context.notFound()
  })
  app.get('*', async (context) => {
    const path = normalize(decodePath(context.req.path))
    const file = path.endsWith('/') ? undefined : await fileAnswer(context, join(dist, path))
    if (file === undefined && path.startsWith('/assets/')) return context.text('There is no such file.', 404)
    return file ?? (await pageAnswer(context, dist))
  })
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return '/'
  }
}

/** The file, compressed where the caller takes it and the build has made it; `undefined` when there is none. */
async function fileAnswer(context: Context, path: string): Promise<Response | undefined> {
  const type = types[extname(path)]
  if (type === undefined || path.includes('\0')) return undefined
  for (const [encoding, ending] of encodings(context)) {
    const bytes = await readFile(`${path}${ending}`).catch(() => undefined)
    if (bytes === undefined) continue
    return new Response(new Uint8Array(bytes), { headers: { ...headersFor(path, type), ...encoded(encoding) } })
  }
  return undefined
}

function encodings(context: Context): [string, string][] {
  const accepted = context.req.header('accept-encoding') ?? ''
  const known: [string, string][] = [
    ['br', '.br'],
    ['gzip', '.gz'],
  ]
  return [...known.filter(([name]) => accepted.includes(name)), ['identity', '']]
}

const encoded = (encoding: string): Record<string, string> =>
  encoding === 'identity' ? {} : { 'content-encoding': encoding }

function headersFor(path: string, type: string): Record<string, string> {
  const lasting = path.includes('/assets/')
  return {
    'content-type': type,
    vary: 'accept-encoding',
    'cache-control': lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    // A Worker takes its policy from its own response.
    ...(/html|javascript/.test(type) ? { 'content-security-policy': policy } : {}),
  }
}

async function pageAnswer(context: Context, dist: string): Promise<Response> {
  const page = await fileAnswer(context, join(dist, 'index.html'))
  return (
    page ?? context.text('The page has not been built yet. It is built by "npm start", or by "npm run build".', 503)
  )
}
