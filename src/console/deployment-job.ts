import { and, desc, eq, inArray } from 'drizzle-orm'
import { html, raw } from 'hono/html'
import type { App } from '../app.ts'
import { type Counts, countStates, DEPLOYMENT_STATES, type LettersOut, lettersOut } from '../deployments/overview.ts'
import { covers, may } from '../officers/officer.ts'
import type { Order } from '../orders/order.ts'
import { param } from '../web/face.ts'
import { choice } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { askedOf, countiesFor, DEPLOYMENTS, listAddress, whichOf } from './deployment-filters.ts'

/** Beyond this the SMS of a whole job are not counted in a page: its counties are. */
const MOST_TOLD = 20_000
const RENEWS_MS = 2_000
const ORDERS = 5
/** An SMS that may still come further. */
const UNDER_WAY = ['queued', 'sending', 'unknown', 'sent'] as const

/** `/console/deployments/jobs/:code`: how far the letters of one job are, renewed while they go out. */
export function deploymentJob({ face, app }: Console): void {
  const { read } = app.store

  face.page('/deployments/jobs/:code', 'look', async (visit) => {
    const { say, language } = visit.reader
    const [job] = await read
      .select()
      .from(read.jobs)
      .where(eq(read.jobs.code, param(visit, 'code')))
    const { county } = askedOf(visit)
    if (!job || (county !== undefined && !covers(visit.me, county))) return visit.ctx.throw(404)
    const asked = { job: job.code, county }
    const which = whichOf(app, visit, asked)
    const [counts, orders, counties] = await Promise.all([
      countStates(read, which),
      ordersOf(app, visit, job.code),
      countiesFor(app, visit),
    ])
    const told = counts.released + counts.accepted + counts.declined
    const letters = told <= MOST_TOLD ? await lettersOut(read, which) : undefined
    const going = orders.some(({ run }) => run === 'waiting' || run === 'running')
    const live = going || (letters !== undefined && UNDER_WAY.some((state) => (letters.texts[state] ?? 0) > 0))
    const title = say('watch_title', { job: job.code })
    const body = html`<h1>${title}</h1>
<p class="lead">${language === 'sw' ? job.titleSw : job.title}</p>
<p class="pages"><a href="${DEPLOYMENTS}">${say('desk_deployments')}</a> <a href="${DEPLOYMENTS}/places?job=${encodeURIComponent(job.code)}">${say('places_title')}</a> <a href="/console/plans/${encodeURIComponent(job.code)}">${say('plans_title')}</a> <a href="/console/staffing?job=${encodeURIComponent(job.code)}">${say('staffing_title')}</a> <a href="/console/openings">${say('openings_title')}</a> <a href="/console/notices">${say('notices_title')}</a> <a href="/console/pay/jobs/${encodeURIComponent(job.code)}">${say('pay_title')}</a></p>
<form method="get" class="filters">${choice({ name: 'county', label: say('deploy_county'), value: county ?? '' }, [
      { value: '', label: say('deploy_any') },
      ...counties.map((each) => ({ value: each, label: each })),
    ])}
<div class="field"><button class="second">${say('deploy_filter')}</button></div></form>
<section id="watch" aria-live="polite"${live ? raw(` data-live="${RENEWS_MS}"`) : ''}>
${watched(visit, { asked, counts, letters, told })}
${live ? html`<p class="noscript"><a href="${visit.ctx.url}">${say('run_look')}</a></p>` : ''}
${orders.length > 0 ? html`<h2>${say('watch_orders')}</h2>\n<ul>${orders.map((order) => html`<li>${orderLine(visit, order)}</li>\n`)}</ul>` : ''}
</section>
${may(visit.me, 'deploy') && counts.draft > 0 ? html`<p><a href="${DEPLOYMENTS}/release${listAddress('draft', asked).slice(DEPLOYMENTS.length)}">${say('release_title')}</a></p>` : ''}`
    visit.show({ title, body })
  })
}

type Asked = { job: string; county?: string | undefined }
type Watched = { asked: Asked; counts: Counts; letters: LettersOut | undefined; told: number }

function watched(visit: Visit, { asked, counts, letters, told }: Watched): Html {
  const { say, count } = visit.reader
  const line = (label: string, value: Html | string) => html`<div><dt>${label}</dt><dd>${value}</dd></div>\n`
  const texts = letters?.texts ?? {}
  const some = (...states: (keyof typeof texts)[]) => states.reduce((sum, state) => sum + (texts[state] ?? 0), 0)
  return html`<h2>${say('watch_letters')}</h2>
<p><progress aria-label="${say('run_progress')}" value="${told}" max="${Math.max(1, told + counts.draft)}"></progress>
${say('watch_released', { done: count(told), of: count(told + counts.draft) })}</p>
${
  letters === undefined
    ? html`<p>${say('watch_too_many')}</p>`
    : html`<dl>
${line(say('watch_waits'), count(some('queued', 'sending', 'unknown')))}
${line(say('watch_sent'), count(some('sent', 'unreported')))}
${line(say('watch_delivered'), count(some('delivered')))}
${line(say('watch_failed'), count(some('failed', 'expired')))}
${line(say('watch_opened'), count(letters.opened))}</dl>`
}
<h2>${say('watch_answers')}</h2>
<dl>${DEPLOYMENT_STATES.map((state) =>
    line(say(`deploy_is_${state}`), html`<a href="${listAddress(state, asked)}">${count(counts[state])}</a>`),
  )}</dl>`
}

type JobOrder = Pick<Order, 'id' | 'state' | 'askedAt' | 'county' | 'askedBy'> & {
  run: string | null
  done: number | null
  of: number | null
}

/** The last releases that were asked for, and how far each is. */
function ordersOf({ store: { read } }: App, { me }: Visit, job: string): Promise<JobOrder[]> {
  const { orders, runs } = read
  return read
    .select({
      id: orders.id,
      state: orders.state,
      askedAt: orders.askedAt,
      askedBy: orders.askedBy,
      county: orders.county,
      run: runs.state,
      done: runs.done,
      of: runs.of,
    })
    .from(orders)
    .leftJoin(runs, eq(runs.id, orders.runId))
    .where(
      and(
        eq(orders.subject, job),
        eq(orders.kind, 'publish'),
        me.counties.length === 0 ? undefined : inArray(orders.county, [...me.counties]),
      ),
    )
    .orderBy(desc(orders.askedAt))
    .limit(ORDERS)
}

/** An order leads to its own page for whoever asked it or may decide it. */
function orderLine(visit: Visit, { id, state, askedAt, askedBy, county, run, done, of }: JobOrder): Html {
  const { say, time, count } = visit.reader
  const asked = say('watch_asked', { time: time(askedAt), county: county ?? say('officer_nation') })
  const mine = askedBy === `officer:${visit.me.id}` || may(visit.me, 'approve')
  return html`${mine ? html`<a href="/console/approvals/${id}">${asked}</a>` : asked}: ${say(`watch_order_${state}`)}${
    run === null
      ? ''
      : html`, ${say(`run_${run}`)}${of === null ? '' : html` (${say('run_of', { done: count(done ?? 0), of: count(of) })})`}`
  }`
}
