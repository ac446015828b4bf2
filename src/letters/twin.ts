import { html } from 'hono/html'
import { contentOf, type Row } from './content.ts'
import type { LetterFacts } from './facts.ts'
import type { Letterhead } from './letterhead.ts'
import type { LetterWords } from './words.ts'

const list = (rows: readonly Row[]) => html`<dl>
${rows.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>\n`)}</dl>`
const items = (texts: readonly string[]) => html`<ol>
${texts.map((text) => html`<li>${text}</li>\n`)}</ol>`

/**
 * The letter as HTML for screen readers and small phones: the same words as on paper, escaped, without script, style or picture.
 * An `article` in the letter's own language, to stand inside the `main` of a page; its `h1` is the page's.
 */
export function twin(facts: LetterFacts, words: LetterWords, letterhead: Letterhead, shortCode = '22262'): string {
  const letter = contentOf(facts, words, letterhead, shortCode)
  const { duties, terms, check, signatory } = letter
  return String(html`<article lang="${letter.language}" aria-labelledby="letter">
<p><strong>${letterhead.name}</strong><br><small>${letterhead.lines.join(' · ')}</small></p>
<h1 id="letter">${letter.subject}</h1>
${list([letter.reference, letter.date])}
${letter.version === undefined ? '' : html`<p><strong>${letter.version}</strong></p>\n`}<p><strong>${letter.name}</strong></p>
${list([...letter.details, letter.through])}
<p>${letter.greeting}</p>
<p>${letter.opening}</p>
${list(letter.rows)}
<h2>${duties.heading}</h2>
${items(duties.items)}
<h2>${terms.heading}</h2>
${items(terms.items)}
<p>${letter.closing}</p>
<p><strong>${signatory.name}</strong><br>${signatory.title}</p>
<h2>${check.heading}</h2>
<p><strong class="code">${check.code}</strong><br><a href="${check.url}">${check.url}</a><br>${check.sms}</p>
<p><small>${check.why}</small></p>
</article>
`)
}
