import { html, raw } from 'hono/html'
import type { Context } from 'koa'
import type { Seen } from '../audit/exported.ts'
import type { Typed } from './held.ts'
import type { Reader } from './reader.ts'

/** A piece of a page, escaped. Only pieces without promises are made here, so it is a text at once. */
export type Html = ReturnType<typeof html>

// A square with a W, so that no browser asks for a /favicon.ico.
const ICON =
  "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><rect width='16' height='16' rx='4' fill='%230a5c36'/><path d='M3 5l2.5 6L8 6l2.5 5L13 5' fill='none' stroke='white' stroke-width='1.6'/></svg>"

export type Page = {
  title: string
  body: Html
  /** What must be sent to have this page once more, where it is the answer to another form than that; false where it shows once. */
  again?: Typed | false
  /** Whose data it shows, other than the reader's own: noted before it is sent. */
  seen?: Seen | undefined
}
/** What a face puts around its pages. */
export type Frame = {
  /** A class of the body: `portal`, `console`. */
  face?: string
  /** Where the name at the top leads. */
  home?: string
  nav?: readonly { href: string; label: string; here: boolean }[]
  /** The language switch, where it is not a link. */
  other?: Html | undefined
  /** Beside the language switch: who is logged in, the way out. */
  aside?: Html | undefined
  /** What was just done, said once. */
  said?: string | undefined
  /** In the head: a further style sheet, a script that only improves. */
  head?: Html
}

export const otherOf = ({ language }: Reader) => (language === 'en' ? 'sw' : 'en')
const switchLink = (reader: Reader): Html =>
  html`<a href="${reader.otherLanguage}" lang="${otherOf(reader)}" hreflang="${otherOf(reader)}" rel="nofollow">${reader.say('language_switch')}</a>`

/** A whole page: our head, the body given, our foot. Needs no script. */
export function layout(reader: Reader, { title, body }: Page, frame: Frame = {}): string {
  const { language, say } = reader
  const { face, nav = [], aside, said, head, other } = frame
  return String(html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Wito</title>
<link rel="icon" href="${raw(ICON)}">
<link rel="stylesheet" href="/style.css">
${head ?? ''}</head>
<body${face ? raw(` class="${face}"`) : ''}>
<a class="skip" href="#main">${say('skip')}</a>
<header>
<a href="${frame.home ?? reader.to('/')}" aria-label="Wito, ${say('home')}">Wito</a>
<div class="aside">${other ?? switchLink(reader)}${aside ?? ''}</div>
</header>
${nav.length > 0 ? html`<nav class="rooms" aria-label="${say('rooms')}"><ul>${nav.map(({ href, label, here }) => html`<li><a href="${href}"${here ? raw(' aria-current="page"') : ''}>${label}</a></li>`)}</ul></nav>\n` : ''}<main id="main">
${said === undefined ? '' : html`<p class="good" role="status">${said}</p>\n`}${body}
</main>
<footer>${say('never_share')}</footer>
</body>
</html>
`)
}

/** Answers with a page. */
export function showPage(ctx: Context, reader: Reader, page: Page, status = 200, frame: Frame = {}) {
  ctx.status = status
  ctx.type = 'text/html'
  ctx.vary('Accept-Language')
  ctx.set('Content-Language', reader.language)
  ctx.body = layout(reader, page, frame)
}
