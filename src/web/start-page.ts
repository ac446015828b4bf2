import { html } from 'hono/html'
import type { Context } from 'koa'
import { showPage } from './layout.ts'
import { readerOf } from './reader.ts'
import type { PageWords } from './words.ts'

const KEYWORDS = ['register', 'jobs', 'apply', 'status', 'letter', 'password', 'verify', 'help']

/** `GET /`: what Wito is, and the ways in. */
export function startPage({ words, serviceCode, shortCode }: { words: PageWords; serviceCode: string; shortCode: string }) {
  return (ctx: Context) => {
    const reader = readerOf(ctx, words)
    const { say, to } = reader
    const title = say('start_title')
    const body = html`<h1>${title}</h1>
<p class="lead">${say('start_lead')}</p>
<p class="dial">${say('start_dial')} <a href="tel:${encodeURIComponent(serviceCode)}"><strong>${serviceCode}</strong></a> <span>${say('start_dial_text')}</span></p>
<h2>${say('start_sms', { short_code: shortCode })}</h2>
<dl>
${KEYWORDS.map((word) => html`<div><dt>${say(`sms_${word}`)}</dt><dd>${say(`sms_${word}_text`)}</dd></div>\n`)}</dl>
<h2>${say('start_here')}</h2>
<ul class="ways">
<li><a href="${to('/l')}">${say('start_letter')}</a> <span>${say('start_letter_text')}</span></li>
<li><a href="${to('/v')}">${say('start_verify')}</a> <span>${say('start_verify_text')}</span></li>
</ul>`
    showPage(ctx, reader, { title, body })
  }
}
