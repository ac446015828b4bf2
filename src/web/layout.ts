import { html, raw } from 'hono/html'
import type { Context } from 'koa'
import type { Reader } from './reader.ts'

/** A piece of a page, escaped. Only pieces without promises are made here, so it is a text at once. */
export type Html = ReturnType<typeof html>

// A square with a W, so that no browser asks for a /favicon.ico.
const ICON =
  "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><rect width='16' height='16' rx='4' fill='%230a5c36'/><path d='M3 5l2.5 6L8 6l2.5 5L13 5' fill='none' stroke='white' stroke-width='1.6'/></svg>"

/** A whole page: our head, the body given, our foot. Needs no script. */
export function layout(reader: Reader, { title, body }: { title: string; body: Html }): string {
  const { language, say } = reader
  const other = language === 'en' ? 'sw' : 'en'
  return String(html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Wito</title>
<link rel="icon" href="${raw(ICON)}">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#main">${say('skip')}</a>
<header>
<a href="${reader.to('/')}" aria-label="Wito, ${say('home')}">Wito</a>
<nav><a href="?lang=${other}" lang="${other}" hreflang="${other}" rel="nofollow">${say('language_switch')}</a></nav>
</header>
<main id="main">
${body}
</main>
<footer>${say('never_share')}</footer>
</body>
</html>
`)
}

/** Answers with a page. */
export function showPage(ctx: Context, reader: Reader, page: { title: string; body: Html }, status = 200) {
  ctx.status = status
  ctx.type = 'text/html'
  ctx.vary('Accept-Language')
  ctx.set('Content-Language', reader.language)
  ctx.body = layout(reader, page)
}
