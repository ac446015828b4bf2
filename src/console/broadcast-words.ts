import { html } from 'hono/html'
import type { Group } from '../broadcasts/audience.ts'
import type { Texts } from '../broadcasts/text.ts'
import { LANGUAGES } from '../text/phrasebook.ts'
import { segments } from '../text/segments.ts'
import type { Html } from '../web/layout.ts'
import type { Visit } from './console.ts'

/** A group in words: `Kisumu East, Kisumu; KCSE26INV: received`. */
export function groupWords(visit: Visit, group: Group): string {
  const { say } = visit.reader
  const { county, subCounty, job, application, deployment, account, language } = group
  const applied = application !== undefined || (job !== undefined && deployment === undefined)
  const parts = [
    county === undefined ? undefined : subCounty === undefined ? county : `${subCounty}, ${county}`,
    applied
      ? say('cast_applied', {
          job: job ?? say('cast_any_job'),
          status: application ? visit.word('status', application) : say('cast_any_status'),
        })
      : undefined,
    deployment === undefined
      ? undefined
      : say('cast_deployed', { job: job ?? say('cast_any_job'), status: say(`deployment_${deployment}`) }),
    account === undefined ? undefined : say(`cast_account_${account}`),
    language === undefined ? undefined : say(`cast_language_${language}`),
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? say('cast_everybody') : parts.join('; ')
}

/** Both texts as a phone shows them, with what each takes. */
export function textsSection(visit: Visit, texts: Texts): Html {
  const { say } = visit.reader
  return html`<div class="two">${LANGUAGES.map((language) => {
    const { units, count } = segments(texts[language])
    return html`<section><h3>${say(`cast_in_${language}`)}</h3><pre class="phone" lang="${language}">${texts[language]}</pre>
<p>${say('cast_size', { septets: units, parts: count })}</p></section>`
  })}</div>`
}
