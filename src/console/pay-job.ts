import { html } from 'hono/html'
import type { Job } from '../jobs/eligibility.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { covers, inCountiesOf, may, officerActor } from '../officers/officer.ts'
import { askCheck } from '../pay/issues.ts'
import { countIssues, type KnownList, listsOf } from '../pay/overview.ts'
import { askList } from '../pay/prepare.ts'
import { choice, problem } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import { type Actors, actorsIn } from './actors.ts'
import type { Console, Visit } from './console.ts'
import { countiesFor, onceOf } from './deployment-filters.ts'
import { jobIn, PAY } from './pay-address.ts'

const MOST_LISTS = 100

/** `/console/pay/jobs/:code`: what stands in the way of one job's pay, and its lists; a new look at it, a new list. */
export function payJob({ face, app }: Console): void {
  const { read } = app.store
  const actorOf = (visit: Visit) => officerActor(visit.me, visit.reader.language)

  face.page('/pay/jobs/:code', 'look', async (visit) => showJob(visit, await jobIn(app, visit)))

  face.form('/pay/jobs/:code/check', 'pay', async (visit, form) => {
    const job = await jobIn(app, visit)
    const asked = countyIn(visit, form.get('check_county'))
    if (asked === undefined) return showJob(visit, job, 'pay_no_county')
    const run = await askCheck(app, actorOf(visit), { job: job.code, ...asked, id: onceOf(visit, form) })
    visit.go(`/console/runs/${run}`)
  })

  face.form('/pay/jobs/:code/prepare', 'pay', async (visit, form) => {
    const job = await jobIn(app, visit)
    const asked = countyIn(visit, form.get('prepare_county'))
    if (asked === undefined) return showJob(visit, job, 'pay_no_county')
    const result = await askList(app, actorOf(visit), { job: job.code, ...asked, id: onceOf(visit, form) })
    if ('refused' in result) return showJob(visit, job, `pay_${result.refused}`)
    visit.go(`${PAY}/lists/${result.list}`)
  })

  async function showJob(visit: Visit, job: Job, wrong?: string) {
    const { say, language } = visit.reader
    const where = inCountiesOf(visit.me, read.payIssues.county)
    const [issues, all, counties] = await Promise.all([
      countIssues(read, job.code, where),
      listsOf(app, [job.code]),
      countiesFor(app, visit),
    ])
    const lists = all.filter(({ county }) => covers(visit.me, county)).slice(0, MOST_LISTS)
    const who = await actorsIn(
      read,
      visit.reader,
      lists.map(({ by }) => by),
    )
    const title = say('pay_of_job', { job: job.code })
    const body = html`<h1>${title}</h1>
${wrong === undefined ? '' : problem('pay', say(wrong))}
<p class="lead">${titleOf(job, language)}</p>
<p class="pages"><a href="${PAY}">${say('pay_title')}</a> <a href="/console/deployments/jobs/${job.code}">${say('desk_deployments')}</a></p>
<h2>${say('pay_before')}</h2>
<p>${say('pay_before_text')}</p>
${issueTable(visit, job.code, issues)}
${may(visit.me, 'pay') ? actForm(visit, job.code, 'check', counties) : ''}
<h2>${say('pay_lists')}</h2>
${listTable(visit, lists, who)}
${may(visit.me, 'pay') ? actForm(visit, job.code, 'prepare', counties) : ''}`
    visit.show({ title, body }, wrong === undefined ? 200 : 422)
  }
}

/** The county that a form asks for; undefined where it asks for the whole nation and is not the nation's. One of others is 404. */
function countyIn(visit: Visit, county: string): { county?: string } | undefined {
  if (county !== '') return covers(visit.me, county) ? { county } : visit.ctx.throw(404)
  return covers(visit.me, null) ? {} : undefined
}

type Issues = Awaited<ReturnType<typeof countIssues>>

/** A row a kind, with its counties: each leads to its list. */
function issueTable(visit: Visit, job: string, issues: Issues): Html {
  const { say, count } = visit.reader
  if (issues.length === 0) return html`<p class="none">${say('pay_no_issues')}</p>`
  const to = (kind: string, county?: string) =>
    `${PAY}/jobs/${job}/issues?${new URLSearchParams({ kind, ...(county === undefined ? {} : { county }) })}`
  const kinds = [...Map.groupBy(issues, ({ kind }) => kind)]
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${say('pay_issues')}"><table><caption>${say('pay_issues')}</caption>
<thead><tr><th scope="col">${say('pay_issue')}</th><th scope="col" class="right">${say('pay_open')}</th><th scope="col">${say('pay_counties')}</th></tr></thead>
<tbody>${kinds.map(
    ([kind, rows]) =>
      html`<tr><td><a href="${to(kind)}">${say(`pay_issue_${kind}`)}</a></td><td class="right">${count(rows.reduce((sum, { n }) => sum + n, 0))}</td><td>${rows.map(({ county, n }) => html`<a href="${to(kind, county)}">${county} ${count(n)}</a> `)}</td></tr>\n`,
  )}</tbody></table></div>`
}

function listTable(visit: Visit, lists: readonly KnownList[], who: Actors): Html {
  const { say, count, time } = visit.reader
  if (lists.length === 0) return html`<p class="none">${say('pay_no_lists')}</p>`
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${say('pay_lists')}"><table><caption>${say('pay_lists')}</caption>
<thead><tr><th scope="col">${say('pay_made')}</th><th scope="col">${say('pay_county')}</th><th scope="col">${say('pay_by')}</th><th scope="col">${say('pay_state')}</th><th scope="col" class="right">${say('pay_lines')}</th><th scope="col" class="right">${say('pay_total')}</th></tr></thead>
<tbody>${lists.map(
    (list) =>
      html`<tr><td><a href="${PAY}/lists/${list.id}">${time(list.at)}</a></td><td>${list.county ?? say('officer_nation')}</td><td>${who(list.by)}</td><td>${say(`pay_list_${list.state}`)}</td><td class="right">${count(list.lines)}</td><td class="right">${count(list.totalKes)}</td></tr>\n`,
  )}</tbody></table></div>`
}

/** Looking again, or a new list: of one county or of all that the officer has. */
function actForm(visit: Visit, job: string, act: 'check' | 'prepare', counties: readonly string[]): Html {
  const { say } = visit.reader
  const whole = { value: '', label: visit.me.counties.length === 0 ? say('officer_nation') : say('pay_choose') }
  const options = [whole, ...counties.map((county) => ({ value: county, label: county }))]
  const value = counties.length === 1 ? (counties[0] ?? '') : ''
  return html`<form method="post" action="${PAY}/jobs/${job}/${act}" class="narrow" aria-label="${say(`pay_${act}`)}">${visit.hidden}
${choice({ name: `${act}_county`, label: say('pay_county'), value }, options)}
<button>${say(`pay_${act}`)}</button></form>`
}
