import { html, raw } from 'hono/html'
import { readUsername } from '../officers/invite.ts'
import { changeOfficer, newOfficer, officersOf, reinviteOfficer } from '../officers/manage.ts'
import { type OfficerRow, officerActor } from '../officers/officer.ts'
import { ROLES } from '../officers/roles.ts'
import type { OfficerRole } from '../store/schema.ts'
import { area, choice, field } from '../web/fields.ts'
import type { Sent } from '../web/form.ts'
import type { Html, Page } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'

/** `/console/officers`: who works here, in which role and where. */
export function officerPages({ face, app }: Console): void {
  const actorOf = (visit: Visit) => officerActor(visit.me, visit.reader.language)

  face.page('/officers', 'officers', async (visit) => visit.show(listPage(visit, await officersOf(app))))

  face.page('/officers/new', 'officers', (visit) => visit.show(newPage(visit)))
  face.form('/officers/new', 'officers', async (visit, form) => {
    const typed = typedOf(form)
    const username = readUsername(typed.username)
    const wrong = {
      ...wrongIn(typed),
      ...(typed.name === '' ? { name: 'begin_name_wrong' } : {}),
      ...(username === undefined ? { username: 'begin_username_wrong' } : {}),
    }
    if (username === undefined || Object.keys(wrong).length > 0) return visit.show(newPage(visit, typed, wrong), 422)
    const added = await newOfficer(app, actorOf(visit), {
      ...typed,
      username,
      counties: listOf(typed.counties),
      subCounties: listOf(typed.subCounties),
    })
    if (added === 'taken') return visit.show(newPage(visit, typed, { username: 'begin_username_taken' }), 422)
    visit.show(linkPage(visit, typed.name, added.link))
  })

  face.page('/officers/:id', 'officers', async (visit) => {
    const officer = (await officersOf(app)).find(({ id }) => id === idOf(visit))
    if (!officer) return visit.ctx.throw(404)
    visit.show(onePage(visit, officer))
  })
  face.form('/officers/:id', 'officers', async (visit, form) => {
    const typed = typedOf(form)
    const { role } = typed
    const wrong = wrongIn(typed).subCounties
    if (wrong !== undefined) return visit.go(`/console/officers/${idOf(visit)}`, wrong)
    const [counties, subCounties] = [listOf(typed.counties), listOf(typed.subCounties)]
    const change = { role, counties, subCounties, active: form.get('active') === '1' }
    const result = await changeOfficer(app, actorOf(visit), idOf(visit), change)
    if (result === 'unknown') visit.ctx.throw(404)
    visit.go(`/console/officers/${idOf(visit)}`, result === 'done' ? 'officer_changed' : 'officer_last')
  })
  face.form('/officers/:id/invite', 'officers', async (visit) => {
    const officer = (await officersOf(app)).find(({ id }) => id === idOf(visit))
    const link = officer && (await reinviteOfficer(app, actorOf(visit), officer.id))
    if (!officer || link === undefined) return visit.ctx.throw(404)
    visit.show(linkPage(visit, officer.name, link))
  })
}

type Typed = { name: string; username: string; role: OfficerRole; counties: string; subCounties: string }
const idOf = ({ ctx }: Visit) => (ctx as typeof ctx & { params: Record<string, string> }).params.id ?? ''
const typedOf = (form: Sent): Typed => ({
  name: form.get('name').slice(0, 80),
  username: form.get('username'),
  role: ROLES.find((role) => role === form.get('role')) ?? 'clerk',
  counties: form.get('counties'),
  subCounties: form.get('sub_counties'),
})
/** Two counties may have a sub-county of one name. */
const wrongIn = ({ counties, subCounties }: Typed): { subCounties?: string } =>
  subCounties.trim() !== '' && counties.trim() === '' ? { subCounties: 'officer_sub_counties_wrong' } : {}
const listOf = (text: string) => [
  ...new Set(
    text
      .split(/[,\n]/)
      .map((county) => county.trim())
      .filter(Boolean),
  ),
]

function listPage(visit: Visit, officers: readonly OfficerRow[]): Page {
  const { say } = visit.reader
  const title = say('desk_officers')
  const body = html`<h1>${title}</h1>
<p><a href="/console/officers/new">${say('officer_add')}</a></p>
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
const stateOf = ({ reader: { say } }: Visit, { active, inviteIndex }: OfficerRow) =>
  say(!active ? 'officer_gone' : inviteIndex === null ? 'officer_working' : 'officer_invited')

function rolesAndCounties(
  visit: Visit,
  { role, counties, subCounties }: Pick<Typed, 'role' | 'counties' | 'subCounties'>,
  wrong?: string,
): Html {
  const { say } = visit.reader
  const options = ROLES.map((each) => ({ value: each, label: `${say(`role_${each}`)}: ${say(`role_${each}_text`)}` }))
  return html`${choice({ name: 'role', label: say('officer_role'), value: role }, options)}
${area({ name: 'counties', label: say('officer_counties'), value: counties, hint: say('officer_counties_hint') })}
${area({ name: 'sub_counties', label: say('officer_sub_counties'), value: subCounties, hint: say('officer_sub_counties_hint'), wrong: wrong && say(wrong) })}`
}

function newPage(visit: Visit, typed?: Typed, wrong: { name?: string; username?: string; subCounties?: string } = {}): Page {
  const { say } = visit.reader
  const title = say('officer_add')
  const body = html`<h1>${title}</h1>
<form method="post" class="narrow">${visit.hidden}
${field({ name: 'name', label: say('officer_name'), value: typed?.name ?? '', wrong: wrong.name && say(wrong.name), more: raw(' required maxlength="80" autocomplete="off"') })}
${field({ name: 'username', label: say('desk_username'), value: typed?.username ?? '', wrong: wrong.username && say(wrong.username), more: raw(' required maxlength="40" autocomplete="off" autocapitalize="none"') })}
${rolesAndCounties(visit, typed ?? { role: 'clerk', counties: '', subCounties: '' }, wrong.subCounties)}
<button>${say('officer_add_button')}</button>
</form>`
  return { title, body }
}

function onePage(visit: Visit, officer: OfficerRow): Page {
  const { say } = visit.reader
  const body = html`<h1>${officer.name}</h1>
<p>${officer.username} · ${stateOf(visit, officer)}</p>
<form method="post" class="narrow">${visit.hidden}
${rolesAndCounties(visit, { role: officer.role, counties: officer.counties.join(', '), subCounties: officer.subCounties.join(', ') })}
${choice({ name: 'active', label: say('officer_state'), value: officer.active ? '1' : '0' }, [
  { value: '1', label: say('officer_working') },
  { value: '0', label: say('officer_gone') },
])}
<button>${say('save')}</button>
</form>
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
