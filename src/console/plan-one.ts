import { eq } from 'drizzle-orm'
import { html } from 'hono/html'
import { adoptPlan } from '../allocation/adopt.ts'
import { editPlan } from '../allocation/edit.ts'
import {
  emptyByReason,
  planByCounty,
  planOf,
  planPeople,
  planReserves,
  planStations,
  warningsOf,
} from '../allocation/overview.ts'
import type { Plan } from '../allocation/plan.ts'
import { covers, may, officerActor } from '../officers/officer.ts'
import { param } from '../web/face.ts'
import { problem } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { longTable, one, PAGE_ROWS, tableQuery } from './table.ts'

const PLAN = '/console/plans/one'
/** Kilometres with one decimal. */
export const km = (metres: number): string => (metres / 1_000).toFixed(1)
type Person = Awaited<ReturnType<typeof planPeople>>[number]

/** `/console/plans/one/:id`: one plan in plain words, by county and station; an officer's own hand in it; and adopting it. */
export function planPages({ face, app }: Console): void {
  const { read } = app.store
  const isNational = (visit: Visit) => visit.me.counties.length === 0
  const actorOf = (visit: Visit) => officerActor(visit.me, visit.reader.language)

  async function found(visit: Visit): Promise<Plan> {
    const plan = await planOf(read, param(visit, 'id'))
    return plan && plan.state !== 'solving' ? plan : visit.ctx.throw(404)
  }

  face.page('/plans/one/:id', 'look', (visit) => showPlan(visit))

  face.page('/plans/one/:id/adopt', 'deploy', async (visit) => {
    const plan = await found(visit)
    const { say, count } = visit.reader
    const title = say('plan_adopt')
    const body = html`<h1>${title}</h1>
<p class="lead">${say('plan_adopt_text', { count: count(plan.summary.fresh ?? 0), job: plan.jobCode })}</p>
<form method="post" action="${PLAN}/${plan.id}/adopt">${visit.hidden}<button>${say('plan_adopt_button')}</button></form>
<p><a href="${PLAN}/${plan.id}">${say('plan_back')}</a></p>`
    visit.show({ title, body })
  })

  face.form('/plans/one/:id/adopt', 'deploy', async (visit) => {
    const plan = await found(visit)
    if (!isNational(visit)) return showPlan(visit, 'plan_not_national')
    const asked = await adoptPlan(app, actorOf(visit), plan.id)
    if ('refused' in asked) return showPlan(visit, `plan_adopt_${asked.refused}`)
    visit.go(`/console/runs/${asked.run}`)
  })

  face.page('/plans/one/:id/county/:county', 'look', async (visit) => {
    const plan = await found(visit)
    const county = decodeURIComponent(param(visit, 'county'))
    if (!covers(visit.me, county)) return visit.ctx.throw(404)
    const { say } = visit.reader
    const gaps = one(visit, 'gaps') === '1'
    const query = tableQuery(visit, [], 'code')
    const [rows, reserves, reasons] = await Promise.all([
      planStations(read, plan.id, county, { after: query.after?.[1] ?? '', gaps, most: PAGE_ROWS + 1 }),
      planReserves(read, plan.id, county),
      emptyByReason(read, plan.id, county),
    ])
    const title = say('plan_in', { county })
    const body = html`<h1>${title}</h1>
<p class="pages"><a href="${PLAN}/${plan.id}">${say('plan_back')}</a> <a href="?gaps=${gaps ? '0' : '1'}">${say(gaps ? 'plan_all_stations' : 'plan_only_gaps')}</a></p>
${reasonList(visit, reasons)}
${longTable(visit, query, {
  caption: say('plan_stations'),
  rows,
  keyOf: ({ centreCode }) => [centreCode, centreCode],
  columns: [
    {
      name: 'station',
      label: say('deploy_station'),
      cell: ({ centreCode, name }) =>
        html`<a href="${PLAN}/${plan.id}/station/${centreCode}">${name}</a> <small>${centreCode}</small>`,
    },
    { name: 'sub', label: say('needs_sub_county'), cell: ({ subCounty }) => subCounty },
    { name: 'places', label: say('plan_places'), right: true, cell: ({ need }) => String(need) },
    { name: 'filled', label: say('plan_filled'), right: true, cell: ({ filled }) => String(filled) },
    { name: 'why', label: say('plan_why'), cell: ({ reason }) => (reason === null ? '' : say(`plan_why_${reason}`)) },
  ],
})}
<h2>${say('plan_reserves')}</h2>
${reserves.length === 0 ? html`<p class="none">${say('plan_no_reserves')}</p>` : html`<ol>${reserves.map(({ subCounty, rank, personId, name }) => html`<li value="${rank}">${subCounty}: <a href="/console/people/${personId}">${name}</a></li>\n`)}</ol>`}`
    visit.show({ title, body, seen: { people: reserves.map(({ personId }) => personId), fields: ['name', 'plan'] } })
  })

  face.page('/plans/one/:id/station/:centre', 'look', (visit) => showStation(visit))

  face.form('/plans/one/:id/station/:centre', 'deploy', async (visit, form) => {
    const plan = await found(visit)
    const { station } = await stationOf(visit, plan)
    const to = form.get('to').trim()
    const personId = form.get('person')
    const [target] = to === '' ? [station] : await read.select().from(read.stations).where(eq(read.stations.centreCode, to))
    if (target && !covers(visit.me, target.county)) return showStation(visit, 'plan_edit_outside')
    const outcome = await editPlan(app, actorOf(visit), { plan: plan.id, personId, to: to === '' ? null : to })
    if (outcome !== 'done') return showStation(visit, `plan_edit_${outcome}`)
    visit.go(`${PLAN}/${plan.id}/station/${station.centreCode}`, 'plan_edited')
  })

  async function stationOf(visit: Visit, plan: Plan) {
    const code = param(visit, 'centre')
    const [station] = await read.select().from(read.stations).where(eq(read.stations.centreCode, code))
    if (!station || !covers(visit.me, station.county)) return visit.ctx.throw(404)
    return { station, people: await planPeople(read, plan.id, code) }
  }

  async function showStation(visit: Visit, wrong?: string) {
    const plan = await found(visit)
    const { station, people } = await stationOf(visit, plan)
    const { say } = visit.reader
    const mayEdit = may(visit.me, 'deploy') && plan.state === 'ready'
    const reserves = mayEdit ? await planReserves(read, plan.id, station.county) : []
    const action = `${PLAN}/${plan.id}/station/${station.centreCode}`
    const title = station.name
    const body = html`<h1>${title} <small>${station.centreCode}</small></h1>
${wrong === undefined ? '' : problem('plan', say(wrong))}
<p class="pages"><a href="${PLAN}/${plan.id}/county/${encodeURIComponent(station.county)}">${say('plan_in', { county: station.county })}</a></p>
${
  people.length === 0
    ? html`<p class="none">${say('plan_nobody')}</p>`
    : html`<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table><caption>${say('plan_people')}</caption>
<thead><tr><th scope="col" class="right">${say('plan_seat')}</th><th scope="col">${say('deploy_name')}</th><th scope="col">${say('plan_workstation')}</th><th scope="col" class="right">km</th><th scope="col">${say('plan_how')}</th>${mayEdit ? html`<th scope="col">${say('plan_edit')}</th>` : ''}</tr></thead>
<tbody>${people.map((row) => personRow(visit, row, mayEdit ? action : undefined))}</tbody></table></div>`
}
${
  reserves.length > 0
    ? html`<h2>${say('plan_put_in')}</h2><form method="post" action="${action}" class="narrow">${visit.hidden}<input type="hidden" name="to" value="${station.centreCode}">
<div class="field"><label for="person">${say('plan_reserve')}</label><select id="person" name="person">${reserves.map(({ personId, name, subCounty, rank }) => html`<option value="${personId}">${rank}. ${name}, ${subCounty}</option>`)}</select></div>
<button class="second">${say('plan_put_in')}</button></form>`
    : ''
}`
    const placed = people.map(({ placement }) => placement.personId)
    const seen = { people: [...placed, ...reserves.map(({ personId }) => personId)], fields: ['name', 'plan'] }
    visit.show({ title, body, seen }, wrong === undefined ? 200 : 422)
  }

  async function showPlan(visit: Visit, wrong?: string) {
    const plan = await found(visit)
    const { say, count, time } = visit.reader
    const { summary } = plan
    const [counties, reasons, warnings] = await Promise.all([
      planByCounty(read, plan.id),
      emptyByReason(read, plan.id),
      warningsOf(read, plan.id, visit.me.counties),
    ])
    const mine = counties.filter(({ county }) => covers(visit.me, county))
    const title = say('plan_title', { job: plan.jobCode })
    const ways = Math.max(1, summary.fresh ?? 0)
    const body = html`<h1>${title}</h1>
${wrong === undefined ? '' : problem('plan', say(wrong))}
<p class="lead">${time(plan.at)}, ${say(`plan_is_${plan.state}`)}. ${say('plan_rules', { version: plan.rulesVersion })}</p>
<p class="pages"><a href="/console/plans/${encodeURIComponent(plan.jobCode)}">${say('plans_of', { job: plan.jobCode })}</a></p>
<ul><li>${say('plan_line_filled', { filled: count(summary.filled ?? 0), places: count(summary.places ?? 0), kept: count(summary.kept ?? 0) })}</li>
<li>${say('plan_line_ways', { total: km(summary.metres ?? 0), mean: km((summary.metres ?? 0) / ways), worst: km(summary.worst ?? 0) })}</li>
<li>${say('plan_line_bound', { bound: km(summary.bound ?? 0) })}</li>
<li>${say('plan_line_left', { suspended: count(summary.suspended ?? 0), unsuited: count(summary.unsuited ?? 0), busy: count(summary.busy ?? 0), answered: count(summary.answered ?? 0) })}</li>
<li>${say('plan_line_reserves', { count: count(summary.reserves ?? 0) })}</li></ul>
${reasonList(visit, reasons)}
${plan.state === 'ready' && may(visit.me, 'deploy') && isNational(visit) ? html`<p><a href="${PLAN}/${plan.id}/adopt" class="button">${say('plan_adopt')}</a></p>` : ''}
<h2>${say('plan_counties')}</h2>
<div class="scroll" tabindex="0" role="region" aria-label="${say('plan_counties')}"><table><caption>${say('plan_counties')}</caption>
<thead><tr><th scope="col">${say('deploy_county')}</th><th scope="col" class="right">${say('needs_stations')}</th><th scope="col" class="right">${say('plan_places')}</th><th scope="col" class="right">${say('plan_filled')}</th><th scope="col" class="right">${say('plan_empty')}</th></tr></thead>
<tbody>${mine.map(({ county, stations, need, filled }) => html`<tr><th scope="row"><a href="${PLAN}/${plan.id}/county/${encodeURIComponent(county)}">${county}</a></th><td class="right">${count(Number(stations))}</td><td class="right">${count(Number(need))}</td><td class="right">${count(Number(filled))}</td><td class="right">${Number(need) > Number(filled) ? html`<strong>${count(Number(need) - Number(filled))}</strong>` : '0'}</td></tr>\n`)}</tbody></table></div>
${warnings.length === 0 ? '' : html`<h2>${say('plan_warnings')}</h2><p>${say('plan_warnings_text')}</p><ul>${warnings.map(({ personId, name, station, centreCode, county }) => html`<li><a href="/console/people/${personId}">${name}</a>: <a href="${PLAN}/${plan.id}/station/${centreCode}">${station}</a>, ${county}</li>\n`)}</ul>`}`
    const seen = { people: warnings.map(({ personId }) => personId), fields: ['name', 'plan'] }
    visit.show({ title, body, seen }, wrong === undefined ? 200 : 422)
  }
}

function reasonList({ reader: { say, count } }: Visit, reasons: Awaited<ReturnType<typeof emptyByReason>>): Html {
  if (reasons.length === 0) return html``
  return html`<h2>${say('plan_empty_title')}</h2><ul>${reasons.map(({ reason, places, stations }) => html`<li>${say(`plan_why_${reason}`)}: ${say('plan_empty_line', { places: count(Number(places)), stations: count(Number(stations)) })}</li>\n`)}</ul>`
}

function personRow(visit: Visit, { placement, name, workstation }: Person, action: string | undefined): Html {
  const { say } = visit.reader
  const edit =
    action === undefined || placement.kind === 'kept'
      ? ''
      : html`<form method="post" action="${action}" class="inline">${visit.hidden}<input type="hidden" name="person" value="${placement.personId}">
<input name="to" size="9" inputmode="numeric" aria-label="${say('plan_move_to')}: ${name}" placeholder="${say('plan_move_hint')}"><button class="second">${say('plan_edit_button')}</button></form>`
  return html`<tr><td class="right">${placement.seat}</td><th scope="row"><a href="/console/people/${placement.personId}">${name}</a>${placement.warning === 'surname' ? html` <strong>${say('plan_surname')}</strong>` : placement.warning === null ? '' : html` <span class="soft">${say('plan_no_position')}</span>`}</th>
<td>${workstation ?? ''}</td><td class="right">${km(placement.metres)}</td><td>${say(`plan_kind_${placement.kind}`)}</td>${action === undefined ? '' : html`<td>${edit}</td>`}</tr>\n`
}
