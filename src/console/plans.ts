import { eq } from 'drizzle-orm'
import { html } from 'hono/html'
import { changesOf, comparePlans } from '../allocation/compare.ts'
import { type NeedLine, needsAndSupply, planOf, plansOf } from '../allocation/overview.ts'
import { askPlan, type Plan } from '../allocation/plan.ts'
import { covers, may, officerActor } from '../officers/officer.ts'
import { param } from '../web/face.ts'
import { choice, problem } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { onceOf } from './deployment-filters.ts'
import { km, planPages as onePlanPages } from './plan-one.ts'
import { longTable, one, onPage, PAGE_ROWS, tableQuery } from './table.ts'

const PLANS = '/console/plans'

/** `/console/plans/:job`: what a job needs beside who is there for it, its plans, and what one does otherwise than another. */
export function planPages(desk: Console): void {
  const { face, app } = desk
  const { read } = app.store
  const isNational = (visit: Visit) => visit.me.counties.length === 0

  face.page('/plans/compare', 'look', async (visit) => {
    const { say, count } = visit.reader
    const [before, after] = await Promise.all(['before', 'after'].map((name) => planOf(read, one(visit, name) ?? '')))
    if (!before || !after || before.jobCode !== after.jobCode || !isNational(visit)) return visit.ctx.throw(404)
    const query = tableQuery(visit, [], 'person')
    const [difference, rows] = await Promise.all([
      comparePlans(read, before.id, after.id),
      changesOf(read, before.id, after.id, query.after?.[1] ?? '', PAGE_ROWS + 1),
    ])
    const title = say('plan_compare')
    const figures = ['places', 'filled', 'empty'] as const
    const body = html`<h1>${title}</h1>
<p class="pages"><a href="${PLANS}/${encodeURIComponent(after.jobCode)}">${say('plans_of', { job: after.jobCode })}</a></p>
<ul>${(['same', 'moved', 'added', 'dropped'] as const).map((name) => html`<li>${say(`plan_${name}`, { count: count(difference[name]) })}</li>\n`)}</ul>
<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table><caption>${title}</caption>
<thead><tr><th scope="col">${say('plan_of')}</th>${figures.map((name) => html`<th scope="col" class="right">${say(`plan_${name}`)}</th>`)}<th scope="col" class="right">${say('plan_mean')}</th><th scope="col" class="right">${say('plan_worst')}</th></tr></thead>
<tbody>${[before, after].map((plan) => html`<tr><th scope="row">${planName(visit, plan)}</th>${figures.map((name) => html`<td class="right">${count(plan.summary[name] ?? 0)}</td>`)}<td class="right">${km(meanOf(plan))}</td><td class="right">${km(plan.summary.worst ?? 0)}</td></tr>\n`)}</tbody></table></div>
${longTable(visit, query, {
  caption: say('plan_changes'),
  rows,
  keyOf: ({ personId }) => [personId, personId],
  columns: [
    {
      name: 'name',
      label: say('deploy_name'),
      cell: ({ name, personId }) => html`<a href="/console/people/${personId}">${name}</a>`,
    },
    { name: 'from', label: say('plan_from'), cell: ({ from }) => from ?? say('plan_nowhere') },
    { name: 'to', label: say('plan_to'), cell: ({ to }) => to },
  ],
})}`
    const people = onPage(rows).map(({ personId }) => personId)
    visit.show({ title, body, seen: { people, fields: ['name', 'plan'] } })
  })

  face.page('/plans/:job', 'look', (visit) => showJob(visit))

  face.form('/plans/:job', 'deploy', async (visit, form) => {
    if (!isNational(visit)) return showJob(visit, 'plan_not_national')
    const id = onceOf(visit, form)
    const asked = await askPlan(app, officerActor(visit.me, visit.reader.language), { id, job: param(visit, 'job') })
    if (typeof asked === 'object')
      return asked.refused === 'unknown_job' ? visit.ctx.throw(404) : showJob(visit, `plan_${asked.refused}`)
    visit.go(`/console/runs/${asked}`)
  })

  onePlanPages(desk)

  async function showJob(visit: Visit, wrong?: string) {
    const { say, language } = visit.reader
    const code = param(visit, 'job')
    const county = one(visit, 'county')
    const [job] = await read.select().from(read.jobs).where(eq(read.jobs.code, code))
    if (!job || (county !== undefined && !covers(visit.me, county))) return visit.ctx.throw(404)
    const [needs, plans] = await Promise.all([needsAndSupply(read, code, county), plansOf(read, code)])
    const ready = plans.filter(({ state }) => state === 'ready' || state === 'adopted')
    const title = say('plans_of', { job: code })
    const body = html`<h1>${title}</h1>
${wrong === undefined ? '' : problem('plan', say(wrong))}
<p class="lead">${language === 'sw' ? job.titleSw : job.title}</p>
<p class="pages"><a href="/console/deployments/jobs/${encodeURIComponent(code)}">${say('watch_title', { job: code })}</a>${county === undefined ? '' : html` <a href="${PLANS}/${encodeURIComponent(code)}">${say('places_all')}</a>`}</p>
<h2>${county === undefined ? say('needs_title') : say('needs_of', { county })}</h2>
${
  typeof needs === 'string'
    ? html`<p class="none">${say(`plan_${needs}`)}</p>`
    : needsTable(
        visit,
        needs.filter(({ key }) => county !== undefined || covers(visit.me, key)),
        { code, county },
      )
}
<h2>${say('plans_title')}</h2>
${plans.length === 0 ? html`<p class="none">${say('plans_none')}</p>` : plansTable(visit, plans)}
${
  may(visit.me, 'deploy') && isNational(visit)
    ? html`<form method="post" action="${PLANS}/${encodeURIComponent(code)}">${visit.hidden}<p>${say('plan_make_text')}</p><button>${say('plan_make')}</button></form>`
    : ''
}
${
  ready.length > 1 && isNational(visit)
    ? html`<form method="get" action="${PLANS}/compare" class="filters">${(['after', 'before'] as const).map((name, place) =>
        choice(
          { name, label: say(`plan_${name}`), value: ready[place]?.id ?? '' },
          ready.map((plan) => ({ value: plan.id, label: planLabel(visit, plan) })),
        ),
      )}<div class="field"><button class="second">${say('plan_compare')}</button></div></form>`
    : ''
}`
    visit.show({ title, body }, wrong === undefined ? 200 : 422)
  }
}

const meanOf = ({ summary: { metres = 0, fresh = 0 } }: Plan): number => metres / Math.max(1, fresh)
const planLabel = ({ reader: { time, count } }: Visit, { at, summary }: Plan): string =>
  `${time(at)} (${count(summary.filled ?? 0)}/${count(summary.places ?? 0)})`
const planName = (visit: Visit, plan: Plan): Html => html`<a href="${PLANS}/one/${plan.id}">${visit.reader.time(plan.at)}</a>`

function needsTable(
  visit: Visit,
  lines: readonly NeedLine[],
  { code, county }: { code: string; county: string | undefined },
): Html {
  const { say, count } = visit.reader
  const caption = say('needs_caption')
  const there = ({ supply }: NeedLine) => supply.successful + supply.reserve
  const cells = (line: NeedLine): number[] => [
    line.stations,
    line.hosted,
    line.places,
    line.held,
    line.supply.received + line.supply.nominated,
    line.supply.successful,
    line.supply.reserve,
  ]
  const heads = ['stations', 'hosted', 'places', 'held', 'undecided', 'successful', 'reserve'] as const
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr><th scope="col">${say(county === undefined ? 'deploy_county' : 'needs_sub_county')}</th>${heads.map((name) => html`<th scope="col" class="right">${say(`needs_${name}`)}</th>`)}<th scope="col">${say('needs_balance')}</th></tr></thead>
<tbody>${lines.map(
    (line) =>
      html`<tr><th scope="row">${county === undefined ? html`<a href="${PLANS}/${encodeURIComponent(code)}?county=${encodeURIComponent(line.key)}">${line.key}</a>` : line.key}</th>${cells(line).map((n) => html`<td class="right">${count(n)}</td>`)}<td>${line.places > there(line) ? html`<strong>${say('needs_short', { count: count(line.places - there(line)) })}</strong>` : say('needs_enough')}</td></tr>\n`,
  )}</tbody></table></div>`
}

function plansTable(visit: Visit, plans: readonly Plan[]): Html {
  const { say, count } = visit.reader
  const caption = say('plans_title')
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr><th scope="col">${say('plan_made')}</th><th scope="col">${say('deploy_state')}</th>${(['places', 'filled', 'empty'] as const).map((name) => html`<th scope="col" class="right">${say(`plan_${name}`)}</th>`)}<th scope="col" class="right">${say('plan_mean')}</th><th scope="col" class="right">${say('plan_worst')}</th></tr></thead>
<tbody>${plans.map(
    (plan) =>
      html`<tr><th scope="row">${plan.state === 'solving' ? html`<a href="/console/runs/plan:${plan.id}">${visit.reader.time(plan.at)}</a>` : planName(visit, plan)}</th><td>${say(`plan_is_${plan.state}`)}</td>${(['places', 'filled', 'empty'] as const).map((name) => html`<td class="right">${count(plan.summary[name] ?? 0)}</td>`)}<td class="right">${km(meanOf(plan))}</td><td class="right">${km(plan.summary.worst ?? 0)}</td></tr>\n`,
  )}</tbody></table></div>`
}
