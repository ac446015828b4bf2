import { html } from 'hono/html'
import { maskMsisdn } from '../base/msisdn.ts'
import { type Found, findPeople, type Person } from '../people/search.ts'
import { field } from '../web/fields.ts'
import type { Html, Page } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { personPages } from './person.ts'

/** `/console/people`: finding somebody. What was typed may be a national ID, so it travels in a form and never in an address. */
export function peoplePages(desk: Console): void {
  const { face, app } = desk
  face.page('/people', 'look', (visit) => visit.show(searchPage(visit, '')))

  face.form('/people', 'look', async (visit, form) => {
    const typed = form.get('q').slice(0, 120)
    const found = await findPeople(app, typed, { counties: visit.me.counties, after: form.get('after') || undefined })
    visit.show(searchPage(visit, typed, found))
  })

  personPages(desk)
}

function searchPage(visit: Visit, typed: string, found?: Found): Page {
  const { say } = visit.reader
  const title = say('desk_people')
  const body = html`<h1>${title}</h1>
<form method="post" class="narrow">${visit.hidden}
${field({ name: 'q', label: say('people_find'), value: typed, hint: say('people_find_hint') })}
<button>${say('people_find_button')}</button>
</form>
${found === undefined ? '' : foundTable(visit, typed, found)}`
  const people = found?.people.map(({ id }) => id) ?? []
  return { title, body, seen: { people, fields: ['name', 'place', 'masked_phone', 'status'] } }
}

function foundTable(visit: Visit, typed: string, { people, next }: Found): Html {
  const { say } = visit.reader
  if (people.length === 0) return html`<p class="none" role="status">${say('people_nobody')}</p>`
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${say('people_caption')}"><table>
<caption>${say('people_caption')}</caption>
<thead><tr><th scope="col">${say('people_name')}</th><th scope="col">${say('people_place')}</th><th scope="col">${say('people_phone')}</th><th scope="col">${say('people_status')}</th></tr></thead>
<tbody>${people.map((person) => personRow(visit, person))}</tbody></table></div>
${next === undefined ? '' : html`<form method="post">${visit.hidden}<input type="hidden" name="q" value="${typed}"><input type="hidden" name="after" value="${next}"><button class="second">${say('people_more')}</button></form>`}`
}

const personRow = ({ reader: { say } }: Visit, { id, fullName, homeCounty, homeSubCounty, msisdn, status }: Person): Html =>
  html`<tr><td><a href="/console/people/${id}">${fullName}</a></td><td>${homeSubCounty}, ${homeCounty}</td><td>${maskMsisdn(msisdn)}</td><td>${say(`standing_${status}`)}</td></tr>\n`
