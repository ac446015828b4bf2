import { Readable } from 'node:stream'
import { html } from 'hono/html'
import { givenOut, openExport, type Part } from '../audit/exported.ts'
import { askNotice, MOST_DAYS, NOTICE_KINDS, type Notice, type Preview, previewNotice } from '../notices/ask.ts'
import { findNotice, leftOut, type NoticeRow, noticesOf, notReached, toldBy } from '../notices/overview.ts'
import { covers, may, officerActor } from '../officers/officer.ts'
import { csvOf } from '../sheets/write.ts'
import { param } from '../web/face.ts'
import { choice, field, problem } from '../web/fields.ts'
import type { Sent } from '../web/form.ts'
import type { Html } from '../web/layout.ts'
import { actorsIn } from './actors.ts'
import type { Console, Visit } from './console.ts'
import { jobsOf, onceOf } from './deployment-filters.ts'
import { longTable, onPage, PAGE_ROWS, tableQuery } from './table.ts'

const NOTICES = '/console/notices'
const A_PART = 500
type Stayed = Awaited<ReturnType<typeof leftOut>>[number]
type Late = Awaited<ReturnType<typeof notReached>>[number]
/** Statuses of an SMS that may still arrive. */
const UNDER_WAY = ['queued', 'sending', 'unknown', 'sent'] as const

/** `/console/notices`: what happened to many letters at once, whom it was told, and who has not received it. */
export function noticePages({ face, app }: Console): void {
  const { read } = app.store

  face.page('/notices', 'look', async (visit) => {
    const { say, time } = visit.reader
    const rows = (await noticesOf(read)).filter(({ county }) => county === null || covers(visit.me, county))
    const who = await actorsIn(
      read,
      visit.reader,
      rows.map(({ by }) => by),
    )
    const title = say('notices_title')
    const caption = say('notices_caption')
    const body = html`<h1>${title}</h1>
<p class="pages"><a href="/console/deployments">${say('desk_deployments')}</a>${may(visit.me, 'deploy') ? html` <a href="${NOTICES}/new">${say('notice_new')}</a>` : ''}</p>
${
  rows.length === 0
    ? html`<p class="none">${say('notices_none')}</p>`
    : html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr><th scope="col">${say('notice_what')}</th><th scope="col">${say('deploy_job')}</th><th scope="col">${say('deploy_county')}</th><th scope="col">${say('notice_by')}</th><th scope="col">${say('notice_at')}</th></tr></thead>
<tbody>${rows.map((row) => html`<tr><th scope="row"><a href="${NOTICES}/one/${row.id}">${say(`notice_${row.kind}`)}</a></th><td>${row.jobCode}</td><td>${row.county ?? say('officer_nation')}</td><td>${who(row.by)}</td><td>${time(row.at)}</td></tr>\n`)}</tbody></table></div>`
}`
    visit.show({ title, body })
  })

  face.page('/notices/new', 'deploy', (visit) => showForm(visit))

  face.form('/notices/new', 'deploy', async (visit, form) => {
    const notice = readNotice(form)
    const preview = await previewNotice(app, notice)
    if ('refused' in preview) return showForm(visit, form, `notice_not_${preview.refused}`)
    if (!covers(visit.me, preview.county)) return showForm(visit, form, 'notice_not_mine')
    if (form.get('sure') !== 'yes') return showPreview(visit, notice, preview)
    const asked = await askNotice(app, officerActor(visit.me, visit.reader.language), notice, onceOf(visit, form))
    if ('refused' in asked) return showForm(visit, form, `notice_not_${asked.refused}`)
    visit.go(`/console/approvals/${asked.order}`, 'notice_asked')
  })

  face.page('/notices/one/:id', 'look', async (visit) => {
    const notice = await findMine(visit)
    const { say, count, time } = visit.reader
    const query = tableQuery(visit, [], 'person')
    const mine = { counties: visit.me.counties }
    const [told, stayed, late] = await Promise.all([
      toldBy(read, notice.id, mine),
      leftOut(read, notice.id, mine),
      notReached(read, notice.id, { ...mine, at: app.clock.now(), after: query.after?.[1] ?? '', most: PAGE_ROWS + 1 }),
    ])
    const some = (...states: string[]) => states.reduce((sum, state) => sum + (told.get(state) ?? 0), 0)
    const all = some(...told.keys())
    const title = `${say(`notice_${notice.kind}`)}, ${notice.jobCode}`
    const line = (name: string, n: number) => html`<div><dt>${say(name)}</dt><dd>${count(n)}</dd></div>\n`
    const body = html`<h1>${title}</h1>
<p class="lead">${time(notice.at)}, ${notice.county ?? say('officer_nation')}</p>
<p class="pages"><a href="${NOTICES}">${say('notices_title')}</a> <a href="/console/runs/notice:${notice.id}">${say('run_progress')}</a></p>
<dl>${line('notice_told', all)}${line('notice_delivered', some('delivered'))}${line('notice_under_way', some(...UNDER_WAY))}${line('notice_failed', some('failed', 'expired', 'unreported'))}</dl>
${stayed.length === 0 ? '' : stayedTable(visit, stayed)}
<h2>${say('notice_late_title')}</h2>
<p>${say('notice_late_text')}</p>
${longTable(visit, query, {
  caption: say('notice_late_title'),
  rows: late,
  keyOf: ({ deploymentId }) => [deploymentId, deploymentId],
  columns: [
    {
      name: 'name',
      label: say('deploy_name'),
      cell: ({ name, personId }) => html`<a href="/console/people/${personId}">${name}</a>`,
    },
    { name: 'phone', label: say('notice_phone'), cell: ({ msisdn }) => msisdn },
    { name: 'station', label: say('deploy_station'), cell: ({ station, county }) => `${station}, ${county}` },
    { name: 'status', label: say('notice_status'), cell: ({ status }) => (status === null ? '' : say(`notice_sms_${status}`)) },
  ],
})}
${late.length === 0 ? '' : html`<p><a href="${NOTICES}/one/${notice.id}/late.csv">${say('notice_csv')}</a></p>`}`
    const people = [...stayed, ...onPage(late)].map(({ personId }) => personId)
    visit.show({ title, body, seen: { people, fields: ['name', 'phone', 'duty'] } })
  })

  face.page('/notices/one/:id/late.csv', 'look', async (visit) => {
    const notice = await findMine(visit)
    const fields = ['name', 'phone', 'county', 'station', 'sms']
    const detail = { notice: notice.id }
    const file = await openExport(app, officerActor(visit.me, visit.reader.language), 'notices.export', { detail, fields })
    visit.ctx.attachment(`not-received-${notice.jobCode}.csv`)
    visit.ctx.type = 'text/csv; charset=utf-8'
    visit.ctx.body = Readable.from(csvOf(fields, givenOut(file, lateRows(visit, notice))))
  })

  async function* lateRows(visit: Visit, { id }: NoticeRow): AsyncGenerator<Part<string[]>> {
    const { counties } = visit.me
    for (let after: string | undefined = ''; after !== undefined; ) {
      const rows: Late[] = await notReached(read, id, { at: app.clock.now(), counties, after, most: A_PART })
      const lines = rows.map(({ name, msisdn, county, station, status }) => [name, msisdn, county, station, status ?? ''])
      yield { rows: lines, people: rows.map(({ personId }) => personId) }
      after = rows.length === A_PART ? rows.at(-1)?.deploymentId : undefined
    }
  }

  /** The notice of the address, where it is this officer's business; its people are narrowed to their counties in any case. */
  async function findMine(visit: Visit): Promise<NoticeRow> {
    const notice = await findNotice(read, param(visit, 'id'))
    return notice && (notice.county === null || covers(visit.me, notice.county)) ? notice : visit.ctx.throw(404)
  }

  async function showForm(visit: Visit, form?: Sent, wrong?: string) {
    const { say } = visit.reader
    const jobs = await jobsOf(app, visit)
    const value = (name: string) => form?.get(name) ?? ''
    const title = say('notice_new')
    const body = html`<h1>${title}</h1>
${wrong === undefined ? '' : problem('notice', say(wrong))}
<p class="lead">${say('notice_new_text')}</p>
<form method="post" action="${NOTICES}/new" class="narrow">${visit.hidden}
${choice(
  { name: 'kind', label: say('notice_what'), value: value('kind') },
  NOTICE_KINDS.map((kind) => ({ value: kind, label: say(`notice_${kind}`) })),
)}
${choice(
  { name: 'job', label: say('deploy_job'), value: value('job') },
  jobs.map(({ code, title: name }) => ({ value: code, label: `${code}, ${name}` })),
)}
${field({ name: 'county', label: say('notice_county'), value: value('county'), hint: say('notice_county_hint') })}
${field({ name: 'days', label: say('notice_days'), value: value('days'), hint: say('notice_days_hint', { most: MOST_DAYS }) })}
${field({ name: 'from', label: say('notice_from'), value: value('from'), hint: say('notice_moved_hint') })}
${field({ name: 'to', label: say('notice_to'), value: value('to'), hint: say('notice_moved_hint') })}
<button>${say('notice_preview')}</button></form>`
    visit.show({ title, body }, wrong === undefined ? 200 : 422)
  }

  function showPreview(visit: Visit, notice: Notice, { people, drafts, places, texts }: Preview) {
    const { say, count } = visit.reader
    const title = say('notice_look')
    const body = html`<h1>${title}</h1>
<p class="lead">${say(`notice_${notice.kind}`)}, ${notice.job}</p>
<p>${say('notice_counts', { people: count(people), drafts: count(drafts) })}${places === 0 ? '' : html` ${say('notice_places', { places: count(places) })}`}</p>
${(['en', 'sw'] as const).map((language) => html`<h2>${say(`notice_text_${language}`)}</h2><blockquote lang="${language}">${texts[language].text}</blockquote><p class="soft">${say('notice_segments', { count: texts[language].segments })}</p>`)}
<form method="post" action="${NOTICES}/new">${visit.hidden}${Object.entries(notice)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => html`<input type="hidden" name="${name}" value="${String(value)}">`)}
<button name="sure" value="yes">${say('notice_ask')}</button></form>
<p><a href="${NOTICES}/new">${say('notice_new')}</a></p>`
    visit.show({ title, body })
  }
}

/** Whoever may not serve at the new station: an officer gives them another by hand. */
function stayedTable({ reader: { say } }: Visit, rows: readonly Stayed[]): Html {
  const caption = say('notice_stayed_title')
  return html`<h2>${caption}</h2>
<p>${say('notice_stayed_text')}</p>
<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr><th scope="col">${say('deploy_name')}</th><th scope="col">${say('notice_phone')}</th><th scope="col">${say('deploy_station')}</th></tr></thead>
<tbody>${rows.map(
    ({ deploymentId, name, msisdn, station, county }) =>
      html`<tr><th scope="row"><a href="/console/deployments/${deploymentId}">${name}</a></th><td>${msisdn}</td><td>${station}, ${county}</td></tr>\n`,
  )}</tbody></table></div>`
}

function readNotice(form: Sent): Notice {
  const job = form.get('job')
  const kind = NOTICE_KINDS.find((each) => each === form.get('kind')) ?? 'recalled'
  if (kind === 'postponed') return { kind, job, days: /^-?\d{1,3}$/.test(form.get('days').trim()) ? Number(form.get('days')) : 0 }
  if (kind === 'moved') return { kind, job, from: form.get('from').trim(), to: form.get('to').trim() }
  return { kind, job, county: form.get('county').trim() || undefined }
}
