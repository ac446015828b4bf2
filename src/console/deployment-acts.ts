import { html, raw } from 'hono/html'
import { isDay } from '../base/dates.ts'
import { type Guarded, moveDeployment, type Seen, sendNewLetter, takeBack } from '../deployments/change.ts'
import { covers, officerActor } from '../officers/officer.ts'
import { param } from '../web/face.ts'
import { area, problem } from '../web/fields.ts'
import type { Sent } from '../web/form.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { placeFields, type Wrongs, wrongsOf } from './deployment-enter.ts'
import { DEPLOYMENTS } from './deployment-filters.ts'
import { findOne, type One } from './deployment-one.ts'

const MOST_WHY = 120
const ACTS = ['revoke', 'reissue', 'move'] as const
type Act = (typeof ACTS)[number]

/** `/console/deployments/:id/revoke`, `/reissue`, `/move`: each asks once more, and is refused where somebody else changed it meanwhile. */
export function deploymentActs({ face, app }: Console): void {
  for (const act of ACTS)
    face.page(`/deployments/:id/${act}`, 'deploy', async (visit) => show(visit, act, await findOne(app, visit)))

  face.form('/deployments/:id/revoke', 'deploy', async (visit, form) => {
    const one = await findOne(app, visit)
    const why = form.get('why').replace(/\s+/g, ' ').slice(0, MOST_WHY)
    if (why === '') return show(visit, 'revoke', one, { form, why: visit.reader.say('revoke_why_wrong') })
    await end(visit, 'revoke', form, await takeBack(app, actorOf(visit), seenOf(one, form), why))
  })

  face.form('/deployments/:id/reissue', 'deploy', async (visit, form) => {
    const one = await findOne(app, visit)
    await end(visit, 'reissue', form, await sendNewLetter(app, actorOf(visit), seenOf(one, form)))
  })

  face.form('/deployments/:id/move', 'deploy', async (visit, form) => {
    const one = await findOne(app, visit)
    const place = { centreCode: form.get('centre_code'), reportOn: form.get('report_on'), reportAt: form.get('report_at') }
    const mine = (county: string) => covers(visit.me, county)
    const result = await moveDeployment(app, actorOf(visit), { ...seenOf(one, form), place, mine })
    if (typeof result === 'object' && 'bad' in result) {
      const wrong = wrongsOf(visit, result.bad)
      // What stands against the person or the job is not a matter of this form's fields.
      const about = wrong.national_id ?? wrong.job_code
      return show(visit, 'move', one, { form, wrong, why: about })
    }
    await end(visit, 'move', form, result)
  })

  const actorOf = (visit: Visit) => officerActor(visit.me, visit.reader.language)

  async function end(visit: Visit, act: Act, form: Sent, result: Guarded<object>) {
    if (result === 'unknown') return visit.ctx.throw(404)
    if (result === 'changed') {
      const one = await findOne(app, visit)
      return show(visit, act, one, { form, changes: changesOf(visit, one, form) })
    }
    if (result !== 'again' && 'refused' in result) {
      const one = await findOne(app, visit)
      return show(visit, act, one, { form, why: visit.reader.say(`deed_not_${String(result.refused)}`) })
    }
    visit.go(`${DEPLOYMENTS}/${param(visit, 'id')}`, `deploy_${act}`)
  }

  type State = { form?: Sent; why?: string | undefined; wrong?: Wrongs; changes?: string[] }

  function show(visit: Visit, act: Act, one: One, { form, why, wrong = {}, changes }: State = {}) {
    const { say, day } = visit.reader
    const { deployment, person, station } = one
    const title = say(`${act}_title`)
    const refused = why !== undefined || changes !== undefined || Object.keys(wrong).length > 0
    const body = html`<h1>${title}</h1>
${changes === undefined ? '' : stale(visit, changes)}${why === undefined ? '' : problem('act', why)}
<p><a href="${DEPLOYMENTS}/${deployment.id}">${person.fullName}</a>: ${deployment.jobCode}, ${station.name}, ${day(deployment.reportOn)}, ${deployment.reportAt} (${say(`deploy_is_${deployment.status}`)})</p>
<p class="lead">${say(deployment.letterVersion > 0 ? `deed_told_${act}` : `deed_draft_${act}`)}</p>
<form method="post" action="${DEPLOYMENTS}/${deployment.id}/${act}" class="narrow">${visit.hidden}${seenFields(one)}
${act === 'move' ? placeFields(visit, placeTyped(one, form), wrong) : ''}
${act === 'revoke' ? area({ name: 'why', label: say('revoke_why'), value: form?.get('why') ?? '', hint: say('reveal_note_hint'), more: raw(` maxlength="${MOST_WHY}"`) }) : ''}
<button${act === 'revoke' ? raw(' class="danger"') : ''}>${say(`${act}_button`)}</button></form>`
    const seen = { people: [person.id], fields: ['name', 'duty'] }
    visit.show({ title, body, seen }, changes !== undefined ? 409 : refused ? 422 : 200)
  }
}

function placeTyped({ deployment }: One, form: Sent | undefined): Record<string, string> {
  return {
    centre_code: form?.get('centre_code') ?? deployment.centreCode,
    report_on: form?.get('report_on') ?? deployment.reportOn,
    report_at: form?.get('report_at') ?? deployment.reportAt,
  }
}

/** What the officer has before their eyes travels with the form, to be compared when it comes back. */
const SEEN = ['status', 'centreCode', 'reportOn', 'reportAt', 'letterVersion'] as const
const seenFields = ({ deployment }: One): Html =>
  html`<input type="hidden" name="changed_at" value="${deployment.changedAt}">${SEEN.map(
    (name) => html`<input type="hidden" name="seen_${name}" value="${deployment[name]}">`,
  )}`

const seenOf = ({ deployment: { id } }: One, form: Sent): Seen => ({
  id,
  changedAt: Number(form.get('changed_at')) || 0,
  once: form.get('once'),
})

/** Old and new, of what is not as it was seen. */
function changesOf({ reader: { say, has, day } }: Visit, { deployment }: One, form: Sent): string[] {
  const shown = (name: (typeof SEEN)[number], value: string) => {
    if (name === 'status') return has(`deploy_is_${value}`) ? say(`deploy_is_${value}`) : value
    return name === 'reportOn' && isDay(value) ? day(value) : value
  }
  return SEEN.filter((name) => form.get(`seen_${name}`) !== String(deployment[name])).map((name) =>
    say('stale_line', {
      field: say(`stale_${name.toLowerCase()}`),
      was: shown(name, form.get(`seen_${name}`)),
      now: shown(name, String(deployment[name])),
    }),
  )
}

const stale = ({ reader: { say } }: Visit, changes: readonly string[]): Html =>
  html`<div class="bad" role="alert"><p>${say('stale_text')}</p>${changes.length > 0 ? html`<ul>${changes.map((line) => html`<li>${line}</li>`)}</ul>` : ''}</div>`
