import { readFileSync } from 'node:fs'
import { html } from 'hono/html'
import type { ConsoleFace } from './console.ts'

const asset = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')

/** In the head of every page of the console. */
export const CONSOLE_HEAD = html`<link rel="stylesheet" href="/console/style.css">
<script src="/console/improve.js" defer></script>
`

/** Nothing but our own style and our own script, which only improves. */
export const CONSOLE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

export function consoleAssets({ router }: ConsoleFace): void {
  const style = asset('./console.css').replace(/^\s+/gm, '')
  const script = asset('./console.js')
  router.get('/console/style.css', (ctx) => {
    ctx.type = 'text/css'
    ctx.body = style
  })
  router.get('/console/improve.js', (ctx) => {
    ctx.type = 'text/javascript'
    ctx.body = script
  })
}
