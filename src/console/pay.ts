import { and, asc, desc, eq, lte } from 'drizzle-orm'
import { html } from 'hono/html'
import { nairobiDay } from '../base/dates.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { covers, inCountiesOf, may } from '../officers/officer.ts'
import { type KnownList, listsOf, openIssues } from '../pay/overview.ts'
import type { Console } from './console.ts'
import { seenBy } from './job-rights.ts'
import { PAY } from './pay-address.ts'
import { payFiles } from './pay-file.ts'
import { payImport } from './pay-import.ts'
import { payIssues } from './pay-issues.ts'
import { payJob } from './pay-job.ts'
import { payList } from './pay-list.ts'

const MOST_JOBS = 100
/** Beyond this nobody needs the exact number. */
const MOST_ISSUES = 10_000

/** `/console/pay`: what each job pays, how far its lists are, and what stands in the way. */
export function payPages(desk: Console): void {
  const { face, app } = desk
  const { read } = app.store

  face.page('/pay', 'look', async (visit) => {
    const { say, day, count, language } = visit.reader
    const { jobs } = read
    const began = await read
      .select()
      .from(jobs)
      .where(and(eq(jobs.draft, false), lte(jobs.startsOn, nairobiDay(app.clock.now())), seenBy(visit.me, read)))
      .orderBy(desc(jobs.endsOn), asc(jobs.code))
      .limit(MOST_JOBS)
    const codes = began.map(({ code }) => code)
    const lists = codes.length === 0 ? [] : (await listsOf(app, codes)).filter(({ county }) => covers(visit.me, county))
    const open = await openIssues(read, codes, inCountiesOf(visit.me, read.payIssues.county), MOST_ISSUES)
    const sumOf = (job: string, ...states: KnownList['state'][]) =>
      count(
        lists
          .filter(({ jobCode, state }) => jobCode === job && states.includes(state))
          .reduce((sum, { totalKes }) => sum + totalKes, 0),
      )
    const upTo = (n: number) => (n > MOST_ISSUES ? `${count(MOST_ISSUES)}+` : count(n))
    const title = say('pay_title')
    const heads = ['pay_job', 'pay_ended', 'pay_open', 'pay_prepared', 'pay_approved', 'pay_sent']
    const body = html`<h1>${title}</h1>
${may(visit.me, 'pay') ? html`<p class="pages"><a href="${PAY}/import">${say('pay_import')}</a></p>` : ''}
<div class="scroll" tabindex="0" role="region" aria-label="${say('pay_jobs')}"><table><caption>${say('pay_jobs')}</caption>
<thead><tr>${heads.map((head, place) => html`<th scope="col"${place > 1 ? html` class="right"` : ''}>${say(head)}</th>`)}</tr></thead>
<tbody>${began.map(
      (job) =>
        html`<tr><td><a href="${PAY}/jobs/${job.code}">${titleOf(job, language)}</a> <small>${job.code}</small></td><td>${day(job.endsOn)}</td><td class="right">${upTo(open.get(job.code) ?? 0)}</td><td class="right">${sumOf(job.code, 'prepared')}</td><td class="right">${sumOf(job.code, 'approved')}</td><td class="right">${sumOf(job.code, 'sent')}</td></tr>\n`,
    )}</tbody></table></div>
${began.length === 0 ? html`<p class="none">${say('table_none')}</p>` : ''}`
    visit.show({ title, body })
  })

  payJob(desk)
  payIssues(desk)
  payList(desk)
  payFiles(desk)
  payImport(desk)
}
