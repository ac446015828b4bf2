import { html } from 'hono/html'
import type { Job } from '../jobs/eligibility.ts'
import { covers, inCountiesOf, may, officerActor } from '../officers/officer.ts'
import { ISSUE_KINDS, type IssueKind } from '../pay/findings.ts'
import { clearIssues, LONGEST_REASON } from '../pay/issues.ts'
import { pageOfIssues } from '../pay/overview.ts'
import { choice, field, problem } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { countiesFor } from './deployment-filters.ts'
import { jobIn, PAY } from './pay-address.ts'
import { type Column, longTable, one, onPage, PAGE_ROWS, tableQuery } from './table.ts'

type Row = Awaited<ReturnType<typeof pageOfIssues>>[number]
/** What of a page is chosen, and what was typed with it. */
type Typed = { reason: string; wrong: string }

/** `/console/pay/jobs/:code/issues`: whom one thing keeps from being paid, by county; the chosen ones are cleared with a reason. */
export function payIssues({ face, app }: Console): void {
  const { read } = app.store

  face.page('/pay/jobs/:code/issues', 'look', async (visit) => showIssues(visit, await jobIn(app, visit), askedIn(visit)))

  face.form('/pay/jobs/:code/clear', 'pay', async (visit, form) => {
    const job = await jobIn(app, visit)
    const kind = ISSUE_KINDS.find((each) => each === form.get('kind')) ?? visit.ctx.throw(422)
    const county = form.get('county') || undefined
    const chosen = form.all('id').slice(0, PAGE_ROWS)
    const reason = form.get('reason')
    const again = (wrong: string) => showIssues(visit, job, { kind, county }, { reason, wrong })
    if (chosen.length === 0) return again('pay_none_chosen')
    const result = await clearIssues(app, officerActor(visit.me, visit.reader.language), {
      issues: chosen.map((deployment) => ({ deployment, kind })),
      reason,
      mine: (each) => covers(visit.me, each),
    })
    if (result.refused === 'outside') return visit.ctx.throw(404)
    if (result.refused !== undefined) return again(`pay_clear_${result.refused}`)
    const query = new URLSearchParams({ kind, ...(county === undefined ? {} : { county }) })
    visit.go(`${PAY}/jobs/${job.code}/issues?${query}`, 'pay_cleared')
  })

  async function showIssues(visit: Visit, job: Job, asked: { kind: IssueKind; county?: string | undefined }, typed?: Typed) {
    const { say } = visit.reader
    const { kind, county } = asked
    if (county !== undefined && !covers(visit.me, county)) return visit.ctx.throw(404)
    const query = tableQuery(visit, [], 'county')
    const where = inCountiesOf(visit.me, read.payIssues.county)
    const [rows, counties] = await Promise.all([
      pageOfIssues(read, { job: job.code, ...asked, where, after: query.after, most: PAGE_ROWS + 1 }),
      countiesFor(app, visit),
    ])
    const clears = may(visit.me, 'pay') && kind !== 'no_account'
    const table = longTable<Row>(visit, query, {
      caption: say(`pay_issue_${kind}`),
      columns: columnsOf(visit),
      rows,
      keyOf: ({ issue }) => [issue.county, issue.deploymentId],
      nameOf: ({ name }) => name,
      ...(clears ? { tick: ({ issue }) => issue.deploymentId } : {}),
    })
    const title = say('pay_issues_of', { job: job.code })
    const body = html`<h1>${title}</h1>
${typed === undefined ? '' : problem('pay', say(typed.wrong))}
<p class="pages"><a href="${PAY}/jobs/${job.code}">${say('pay_of_job', { job: job.code })}</a></p>
${filters(visit, job.code, asked, counties)}
<p>${say(`pay_cure_${kind}`)}</p>
${clears && rows.length > 0 ? clearForm(visit, job.code, asked, table, typed) : table}`
    const people = onPage(rows).map(({ issue }) => issue.personId)
    visit.show({ title, body, seen: { people, fields: ['name', 'pay'] } }, typed === undefined ? 200 : 422)
  }
}

function askedIn(visit: Visit): { kind: IssueKind; county?: string | undefined } {
  return { kind: ISSUE_KINDS.find((each) => each === one(visit, 'kind')) ?? 'name', county: one(visit, 'county') }
}

function columnsOf({ reader: { say, time } }: Visit): Column<Row>[] {
  return [
    {
      name: 'name',
      label: say('pay_name'),
      cell: ({ issue, name }) => html`<a href="/console/people/${issue.personId}">${name}</a>`,
    },
    {
      name: 'duty',
      label: say('pay_station'),
      cell: ({ issue, station }) => html`<a href="/console/deployments/${issue.deploymentId}">${station}</a>`,
    },
    { name: 'county', label: say('pay_county'), cell: ({ issue }) => issue.county },
    { name: 'since', label: say('pay_since'), cell: ({ issue }) => time(issue.changedAt) },
  ]
}

type Asked = { kind: IssueKind; county?: string | undefined }

function filters(visit: Visit, job: string, { kind, county }: Asked, counties: readonly string[]): Html {
  const { say } = visit.reader
  const kinds = ISSUE_KINDS.map((each) => ({ value: each, label: say(`pay_issue_${each}`) }))
  const places = [{ value: '', label: say('pay_any_county') }, ...counties.map((each) => ({ value: each, label: each }))]
  return html`<form method="get" class="filters" action="${PAY}/jobs/${job}/issues">
${choice({ name: 'kind', label: say('pay_issue'), value: kind }, kinds)}
${choice({ name: 'county', label: say('pay_county'), value: county ?? '' }, places)}
<div class="field"><button class="second">${say('pay_show')}</button></div></form>`
}

function clearForm(visit: Visit, job: string, { kind, county }: Asked, table: Html, typed: Typed | undefined): Html {
  const { say } = visit.reader
  const reason = field({
    name: 'reason',
    label: say('pay_reason'),
    value: typed?.reason ?? '',
    hint: say('pay_reason_hint'),
    more: html` maxlength="${LONGEST_REASON}"`,
  })
  return html`<form method="post" action="${PAY}/jobs/${job}/clear">${visit.hidden}
<input type="hidden" name="kind" value="${kind}"><input type="hidden" name="county" value="${county ?? ''}">
${table}
<div class="narrow">${reason}
<button>${say('pay_clear')}</button></div></form>`
}
