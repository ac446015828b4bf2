import { eq } from 'drizzle-orm'
import { html, raw } from 'hono/html'
import { type Confirmed, confirmOfficer, notToConfirm, seenOf, waitsForSecond } from '../officers/confirm.ts'
import { readUsername } from '../officers/invite.ts'
import { changeOfficer, newOfficerOnce, officersOf, reinviteOfficer, type Standing, standingDiffers } from '../officers/manage.ts'
import { type OfficerRow, officerActor, oversees } from '../officers/officer.ts'
import { unknownPlaces } from '../officers/places.ts'
import { ROLES } from '../officers/roles.ts'
import type { OfficerRole } from '../store/schema.ts'
import { param } from '../web/face.ts'
import { area, choice, field, problem } from '../web/fields.ts'
import type { Sent } from '../web/form.ts'
import type { Html, Page } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { onceOf } from './deployment-filters.ts'
import { one } from './table.ts'

/** `/console/officers`: who works here, in which role and where. An administrator of counties has to do with officers of those only. */
export function officerPages({ face, app }: Console): void {
  const actorOf = (visit: Visit) => officerActor(visit.me, visit.reader.language)

  face.page('/officers', 'officers', async (visit) => {
    const officers = await officersOf(app, visit.me)
    const waiting = one(visit, 'waiting') !== undefined
    visit.show(listPage(visit, waiting ? officers.filter(waitsForSecond) : officers, waiting))
  })

  face.page('/officers/new', 'officers', (visit) => {
    const counties = visit.me.counties.join(', ')
    visit.show(newPage(visit, { name: '', username: '', role: 'clerk', counties, subCounties: '', active: '1' }))
  })
  face.form('/officers/new', 'officers', async (visit, form) => {
    const typed = typedOf(form)
    const username = readUsername(typed.username)
    const wrong: Wrong = {
      ...(await wrongIn(visit, typed)),
      ...(typed.name === '' ? { name: visit.reader.say('begin_name_wrong') } : {}),
      ...(username === undefined ? { username: visit.reader.say('begin_username_wrong') } : {}),
    }
    if (username === undefined || Object.keys(wrong).length > 0) return visit.show(newPage(visit, typed, wrong), 422)
    const { role, counties, subCounties } = standingOf(typed)
    const id = onceOf(visit, form)
    const added = await newOfficerOnce(app, actorOf(visit), { id, name: typed.name, username, role, counties, subCounties })
    if (added === 'already') return visit.go(`/console/officers/${id}`, 'officer_already')
    if (added === 'taken') return visit.show(newPage(visit, typed, { username: visit.reader.say('begin_username_taken') }), 422)
    visit.show(linkPage(visit, typed.name, added.link))
  })

  face.page('/officers/:id', 'officers', async (visit) => {
    const officer = await officerOf(visit)
    visit.show(onePage(visit, officer, typedFrom(officer)))
  })
  face.form('/officers/:id', 'officers', async (visit, form) => {
    const officer = await officerOf(visit)
    const typed = typedOf(form)
    const was = standingOf(typedOf(form, 'was_'))
    const wrong = await wrongIn(visit, typed)
    if (Object.keys(wrong).length > 0) return visit.show(onePage(visit, { ...officer, ...was }, typed, { wrong }), 422)
    const change = standingOf(typed)
    const result = await changeOfficer(app, actorOf(visit), { id: officer.id, overseer: visit.me, was, change })
    if (typeof result === 'object')
      return visit.show(onePage(visit, result.stale, typed, { note: staleNote(visit, was, result.stale, typed) }), 409)
    if (result === 'unknown') visit.ctx.throw(404)
    visit.go(`/console/officers/${officer.id}`, result === 'done' ? 'officer_changed' : 'officer_last')
  })
  face.form('/officers/:id/invite', 'officers', async (visit) => {
    const officer = await officerOf(visit)
    const link = await reinviteOfficer(app, actorOf(visit), visit.me, officer.id)
    if (link === undefined) return visit.ctx.throw(404)
    visit.show(linkPage(visit, officer.name, link))
  })
  face.form('/officers/:id/confirm', 'officers', async (visit, form) => {
    const { id } = await officerOf(visit)
    const confirmed = await confirmOfficer(app, actorOf(visit), { id, seen: form.get('seen') })
    if (confirmed === 'done' || confirmed === 'already') return visit.go(`/console/officers/${id}`, 'officer_confirmed')
    if (confirmed === 'unknown') return visit.ctx.throw(404)
    const officer = await officerOf(visit)
    visit.show(
      onePage(visit, officer, typedFrom(officer), { note: problem('confirm', notWords(visit, officer, confirmed)) }),
      409,
    )
  })

  async function officerOf(visit: Visit): Promise<OfficerRow> {
    const { officers } = app.store.read
    const [officer] = await app.store.read
      .select()
      .from(officers)
      .where(eq(officers.id, param(visit, 'id')))
    return officer && oversees(visit.me, officer) ? officer : visit.ctx.throw(404)
  }

  async function wrongIn({ me, reader: { say } }: Visit, typed: Typed): Promise<Wrong> {
    const { counties, subCounties } = standingOf(typed)
    if (!oversees(me, { counties: [...counties] }))
      return { counties: say('officer_counties_yours', { counties: me.counties.join(', ') }) }
    // Two counties may have a sub-county of one name.
    if (subCounties.length > 0 && counties.length === 0) return { subCounties: say('officer_sub_counties_wrong') }
    const { county, subCounty } = await unknownPlaces(app.store.read, { counties, subCounties })
    return {
      ...(county === undefined ? {} : { counties: say('officer_place_unknown', { place: county }) }),
      ...(subCounty === undefined ? {} : { subCounties: say('officer_place_unknown', { place: subCounty }) }),
    }
  }
}

type Typed = { name: string; username: string; role: OfficerRole; counties: string; subCounties: string; active: string }
type Wrong = { name?: string; username?: string; counties?: string; subCounties?: string }
const typedOf = (form: Sent, before = ''): Typed => ({
  name: form.get('name').slice(0, 80),
  username: form.get('username'),
  role: ROLES.find((role) => role === form.get(`${before}role`)) ?? 'clerk',
  counties: form.get(`${before}counties`),
  subCounties: form.get(`${before}sub_counties`),
  active: form.get(`${before}active`),
})
const typedFrom = ({ counties, subCounties, active, ...officer }: OfficerRow): Typed => ({
  ...officer,
  counties: counties.join(', '),
  subCounties: subCounties.join(', '),
  active: active ? '1' : '0',
})
const standingOf = ({ role, counties, subCounties, active }: Typed) => ({
  role,
  counties: listOf(counties),
  subCounties: listOf(subCounties),
  active: active === '1',
})
const listOf = (text: string) => [
  ...new Set(
    text
      .split(/[,\n]/)
      .map((county) => county.trim())
      .filter(Boolean),
  ),
]

function listPage(visit: Visit, officers: readonly OfficerRow[], waiting: boolean): Page {
  const { say } = visit.reader
  const title = say('desk_officers')
  const body = html`<h1>${title}</h1>
<p class="pages"><a href="/console/officers/new">${say('officer_add')}</a> ${waiting ? html`<a href="/console/officers">${say('officers_all')}</a>` : html`<a href="/console/officers?waiting=1">${say('officers_waiting')}</a>`}</p>
<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table><caption>${say('officers_caption')}</caption>
<thead><tr><th scope="col">${say('officer_name')}</th><th scope="col">${say('desk_username')}</th><th scope="col">${say('officer_role')}</th><th scope="col">${say('officer_counties')}</th><th scope="col">${say('officer_state')}</th></tr></thead>
<tbody>${officers.map(
    (officer) =>
      html`<tr><td><a href="/console/officers/${officer.id}">${officer.name}</a></td><td>${officer.username}</td><td>${say(`role_${officer.role}`)}</td><td>${where(visit, officer)}</td><td>${stateOf(visit, officer)}</td></tr>\n`,
  )}</tbody></table></div>`
  return { title, body }
}

const where = ({ reader: { say } }: Visit, { counties, subCounties }: OfficerRow) =>
  counties.length === 0 ? say('officer_nation') : [counties.join(', '), subCounties.join(', ')].filter(Boolean).join(': ')
const stateOf = ({ reader: { say } }: Visit, officer: OfficerRow) =>
  [
    say(!officer.active ? 'officer_gone' : officer.inviteIndex === null ? 'officer_working' : 'officer_invited'),
    ...(waitsForSecond(officer) ? [say('officer_waits')] : []),
  ].join(', ')

const notWords = (
  { reader: { say } }: Visit,
  { username }: OfficerRow,
  not: Exclude<Confirmed, 'done' | 'already' | 'unknown'>,
) => say(`officer_confirm_not_${not}`, { username })

/** What a second administrator does here; whoever cannot be that one reads why. */
function confirmPart(visit: Visit, officer: OfficerRow): Html | '' {
  if (!waitsForSecond(officer)) return ''
  const { say } = visit.reader
  const not = notToConfirm(visit.me, officer)
  return html`<h2>${say('officer_confirm_title')}</h2>
<p>${say('officer_confirm_text')}</p>
${
  not === undefined
    ? html`<p>${say('officer_confirm_look')}</p>
<form method="post" action="/console/officers/${officer.id}/confirm">${visit.hidden}<input type="hidden" name="seen" value="${seenOf(officer)}"><button>${say('officer_confirm')}</button></form>`
    : html`<p>${notWords(visit, officer, not)}</p>`
}`
}

function rolesAndCounties(visit: Visit, { role, counties, subCounties }: Typed, wrong: Wrong): Html {
  const { say } = visit.reader
  const options = ROLES.map((each) => ({ value: each, label: `${say(`role_${each}`)}: ${say(`role_${each}_text`)}` }))
  return html`${choice({ name: 'role', label: say('officer_role'), value: role }, options)}
${area({ name: 'counties', label: say('officer_counties'), value: counties, hint: say('officer_counties_hint'), wrong: wrong.counties })}
${area({ name: 'sub_counties', label: say('officer_sub_counties'), value: subCounties, hint: say('officer_sub_counties_hint'), wrong: wrong.subCounties })}`
}

function newPage(visit: Visit, typed: Typed, wrong: Wrong = {}): Page {
  const { say } = visit.reader
  const title = say('officer_add')
  const body = html`<h1>${title}</h1>
<form method="post" class="narrow">${visit.hidden}
${field({ name: 'name', label: say('officer_name'), value: typed.name, wrong: wrong.name, more: raw(' required maxlength="80" autocomplete="off"') })}
${field({ name: 'username', label: say('desk_username'), value: typed.username, wrong: wrong.username, more: raw(' required maxlength="40" autocomplete="off" autocapitalize="none"') })}
${rolesAndCounties(visit, typed, wrong)}
<button>${say('officer_add_button')}</button>
</form>`
  return { title, body }
}

/** A standing in words, a sentence part for each thing that may be changed. */
const inWords = (
  { reader: { say } }: Visit,
  { role, counties, subCounties, active }: Standing,
): Record<keyof Standing, string> => ({
  role: say(`role_${role}`),
  counties: counties.length === 0 ? say('officer_nation') : counties.join(', '),
  subCounties: subCounties.length === 0 ? say('officer_sub_counties_all') : subCounties.join(', '),
  active: say(active ? 'officer_working' : 'officer_gone'),
})

/** The second of two administrators hears what the first one changed; what they chose stays in the form. */
function staleNote(visit: Visit, was: Standing, now: Standing, typed: Typed): Html {
  const { say } = visit.reader
  const labels = {
    role: 'officer_role',
    counties: 'officer_counties',
    subCounties: 'officer_sub_counties',
    active: 'officer_state',
  }
  const [before, held, yours] = [was, now, standingOf(typed)].map((standing) => inWords(visit, standing))
  return html`<div class="bad" role="alert"><p>${say('officer_stale')}</p><ul>${standingDiffers(was, now).map(
    (name) =>
      html`<li>${say(labels[name])}: ${before?.[name]} → ${held?.[name]} (${say('officer_stale_yours', { value: yours?.[name] ?? '' })})</li>`,
  )}</ul></div>`
}

/** `officer` as it was when the form was shown: that comes back with it. */
function onePage(
  visit: Visit,
  officer: OfficerRow,
  typed: Typed,
  { wrong = {}, note }: { wrong?: Wrong; note?: Html } = {},
): Page {
  const { say } = visit.reader
  const was = typedFrom(officer)
  const body = html`<h1>${officer.name}</h1>
${note ?? ''}
<p>${officer.username} · ${stateOf(visit, officer)}</p>
<form method="post" action="/console/officers/${officer.id}" class="narrow">${visit.hidden}<input type="hidden" name="was_role" value="${was.role}"><input type="hidden" name="was_counties" value="${was.counties}"><input type="hidden" name="was_sub_counties" value="${was.subCounties}"><input type="hidden" name="was_active" value="${was.active}">
${rolesAndCounties(visit, typed, wrong)}
${choice({ name: 'active', label: say('officer_state'), value: typed.active }, [
  { value: '1', label: say('officer_working') },
  { value: '0', label: say('officer_gone') },
])}
<button>${say('save')}</button>
</form>
${confirmPart(visit, officer)}
<h2>${say('officer_invite_title')}</h2>
<p>${say('officer_invite_text')}</p>
<form method="post" action="/console/officers/${officer.id}/invite">${visit.hidden}<button class="second">${say('officer_invite')}</button></form>`
  return { title: officer.name, body }
}

/** The only time the link is shown: only its digest is kept. */
function linkPage(visit: Visit, name: string, link: string): Page {
  const { say } = visit.reader
  const title = say('officer_link_title')
  const body = html`<h1>${title}</h1>
<p>${say('officer_link_text', { name })}</p>
<p><code>${link}</code></p>
<p><a href="/console/officers">${say('officer_link_back')}</a></p>`
  return { title, body }
}
