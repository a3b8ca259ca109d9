import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'
import solid from 'vite-plugin-solid'

/**
 * Solid turns JSX into templates that it parses with innerHTML, which Trusted Types forbid. This puts its one
 * assignment behind a policy that nothing else can reach: the constant is local to Solid's own module, a second
 * policy of that name is refused, and every other HTML sink stays closed.
 */
function trustedTemplates(): Plugin {
  const sink = 't.innerHTML = html'
  const policy =
    'const solidTemplates = globalThis.trustedTypes?.createPolicy("solid", { createHTML: (html) => html }) ?? { createHTML: (html) => html };\n'
  let found = false
  return {
    name: 'trusted-templates',
    apply: 'build',
    buildEnd() {
      if (!found) this.error('the page was built without solid-js/web as it is in production (NODE_ENV)')
    },
    transform: {
      filter: { id: /solid-js\/web\/dist\/web\.js$/ },
      handler(code) {
        found = code.split(sink).length === 2
        if (!found) this.error('solid-js/web changed: its template sink was not found once')
        return { code: policy + code.replace(sink, 't.innerHTML = solidTemplates.createHTML(html)'), map: null }
      },
    },
  }
}

/** The text font is asked for with the page and not only when the style sheet has been read. */
const preloadFont = (): Plugin => ({
  name: 'preload-font',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler(_html, { bundle = {} }) {
      const font = Object.keys(bundle).find((file) => /figtree.*\.woff2$/.test(file))
      if (font === undefined) return []
      const attrs = { rel: 'preload', href: `/${font}`, as: 'font', type: 'font/woff2', crossorigin: true }
      return [{ tag: 'link', attrs, injectTo: 'head' }]
    },
  },
})

/** Writes `.br` and `.gz` beside every text file, so that a server compresses nothing by itself. */
const precompress = (): Plugin => ({
  name: 'precompress',
  apply: 'build',
  writeBundle({ dir = '' }) {
    for (const file of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(?:js|css|html|svg|json|txt)$/.test(file)) continue
      const bytes = readFileSync(join(dir, file))
      writeFileSync(join(dir, `${file}.gz`), gzipSync(bytes, { level: 9 }))
      const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
      writeFileSync(join(dir, `${file}.br`), brotliCompressSync(bytes, { params }))
    }
  },
})

export default defineConfig(({ command }) => {
  // Whoever starts the build, also a test: what people get is built.
  if (command === 'build') process.env.NODE_ENV = 'production'
  return {
    plugins: [solid({ solid: { omitNestedClosingTags: true } }), trustedTemplates(), preloadFont(), precompress()],
    worker: { format: 'es' },
    build: {
      target: 'es2023',
      cssMinify: 'lightningcss',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  }
})
