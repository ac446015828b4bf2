import { html, raw } from 'hono/html'
import type { Html } from './layout.ts'
import type { Genuine, Gone } from './letters.ts'
import type { Reader } from './reader.ts'

type Page = { title: string; body: Html }
const EXAMPLE = '7K4M-2QXD-9FTR-0VHB'

/** A box to type a code into; `wrong` when what was typed cannot be one. */
export function codeBox(reader: Reader, about: 'letter' | 'verify', shortCode: string, wrong?: string): Page {
  const { say } = reader
  const title = say(`${about}_box_title`)
  const other = say(about === 'letter' ? 'letter_box_lost' : 'verify_by_sms', { short_code: shortCode })
  const body = html`<h1>${title}</h1>
<p>${say(`${about}_box_text`)}</p>
<form method="get" action="${about === 'letter' ? '/l' : '/v'}">
${reader.chose ? html`<input type="hidden" name="lang" value="${reader.language}">` : ''}
<label for="code">${say('code_label')}</label>
<input class="code" id="code" name="code" value="${wrong ?? ''}" required maxlength="40" autocomplete="off" autocapitalize="characters" spellcheck="false" aria-describedby="hint${wrong === undefined ? '' : ' wrong'}"${wrong === undefined ? '' : raw(' aria-invalid="true"')}>
${wrong === undefined ? '' : html`<p id="wrong" role="alert">${say('code_wrong')}</p>`}
<small id="hint">${say('code_hint', { example: EXAMPLE })}</small>
<button>${say('go_on')}</button>
</form>
<p>${other}</p>`
  return { title, body }
}

type Notice = { name: 'digits_missing' } | { name: 'digits_wrong'; triesLeft?: number }

/** The page of a link that works: the form for the last 4 digits, and nothing that tells whose letter it is. */
export function letterForm(reader: Reader, open: { downloadsLeft: number; until: number }, notice?: Notice): Page {
  const { say, day } = reader
  const title = say('letter_title')
  const left =
    notice?.name === 'digits_wrong' && notice.triesLeft !== undefined ? say('tries_left', { tries_left: notice.triesLeft }) : ''
  const body = html`<h1>${title}</h1>
<p>${say('letter_text')}</p>
<form method="post" action="${reader.chose ? `?lang=${reader.language}` : ''}">
<label for="id_last4">${say('id_label')}</label>
<input class="code" id="id_last4" name="id_last4" inputmode="numeric" pattern="\\s*[0-9]{4}\\s*" maxlength="6" size="6" required autocomplete="off"${notice ? raw(' aria-invalid="true" aria-describedby="wrong"') : ''}>
${notice ? html`<p id="wrong" role="alert">${say(notice.name)} ${left}</p>` : ''}
<div class="buttons"><button>${say('as_pdf')}</button> <button class="second" name="as" value="page">${say('as_page')}</button></div>
</form>
<p><small>${say('letter_left', { downloads_left: open.downloadsLeft, until: day(open.until) })}</small></p>`
  return { title, body }
}

/** A genuine link that gives no letter any more, and what to do now. */
export function letterGone(reader: Reader, why: Gone, shortCode: string): Page {
  const { say } = reader
  const title = say(`${why}_title`)
  const body = html`<h1>${title}</h1>
<p>${say(`${why}_text`)}</p>
${why === 'revoked' ? '' : html`<p class="next">${say('ask_again', { short_code: shortCode })}</p>`}`
  return { title, body }
}

/** The letter itself, read as a page. */
export function letterTwin(reader: Reader, reference: string, twin: string): Page {
  return { title: reader.say('twin_title', { reference }), body: html`${raw(twin)}` }
}

export function genuineLetter(reader: Reader, letter: Genuine, roleWord: string): Page {
  const { say, day } = reader
  const title = say('genuine_title')
  const rows = [
    ['name', letter.name],
    ['role', roleWord],
    ['station', letter.station],
    ['starts', day(letter.startsOn)],
    ['ends', day(letter.endsOn)],
    ['reference', letter.reference],
  ] as const
  const body = html`<h1 class="good">${title}</h1>
<dl>
${rows.map(([name, value]) => html`<div><dt>${say(name)}</dt><dd>${value}</dd></div>\n`)}</dl>
<p>${say('genuine_compare')}</p>`
  return { title, body }
}

export function letterNotValid(reader: Reader): Page {
  const title = reader.say('not_valid_title')
  return { title, body: html`<h1 class="bad">${title}</h1>\n<p>${reader.say('not_valid_text')}</p>` }
}
