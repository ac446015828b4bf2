import { eq } from 'drizzle-orm'
import { html, raw } from 'hono/html'
import { dayCode } from '../attendance/day-code.ts'
import { renewHead } from '../attendance/heads.ts'
import { MARKS } from '../attendance/mark.ts'
import { markByOfficer } from '../attendance/officer-marks.ts'
import { peopleHere } from '../attendance/people-here.ts'
import { byCounty, jobsOn, type StaffingLine, staffingOf } from '../attendance/staffing.ts'
import { isDay, nairobiDay } from '../base/dates.ts'
import { covers, may, officerActor } from '../officers/officer.ts'
import { param } from '../web/face.ts'
import { choice, field } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { disputePages } from './disputes.ts'
import { one } from './table.ts'

const STAFFING = '/console/staffing'
type Here = Awaited<ReturnType<typeof peopleHere>>[number]

/** `/console/staffing`: who is where on a day, the gaps first; and one station with its people, its head and the day's code. */
export function staffingPages(desk: Console): void {
  const { face, app } = desk
  const { read } = app.store
  const dayOf = (visit: Visit) => {
    const asked = one(visit, 'day')
    return asked !== undefined && isDay(asked) ? asked : nairobiDay(app.clock.now())
  }

  face.page('/staffing', 'look', async (visit) => {
    const { say, day: inWords } = visit.reader
    const day = dayOf(visit)
    const jobs = await jobsOn(read, day)
    const job = jobs.find(({ code }) => code === one(visit, 'job')) ?? jobs[0]
    const county = one(visit, 'county')
    if (county !== undefined && !covers(visit.me, county)) return visit.ctx.throw(404)
    const lines = job
      ? await staffingOf(read, { job: job.code, day, counties: visit.me.counties, ...(county === undefined ? {} : { county }) })
      : []
    const title = county === undefined ? say('staffing_title') : say('staffing_of', { county })
    const body = html`<h1>${title}</h1>
<p class="lead">${inWords(day)}${job ? html`, ${job.code}` : ''}</p>
<p class="pages"><a href="/console/deployments">${say('desk_deployments')}</a> <a href="/console/disputes">${say('disputes_title')}</a>${county === undefined ? '' : html` <a href="${address({ day, job: job?.code })}">${say('places_all')}</a>`}</p>
<form method="get" class="filters">${county === undefined ? '' : html`<input type="hidden" name="county" value="${county}">`}
${field({ name: 'day', label: say('staffing_day'), value: day, more: raw(' type="date"') })}
${choice(
  { name: 'job', label: say('deploy_job'), value: job?.code ?? '' },
  jobs.map(({ code, title: name }) => ({ value: code, label: `${code}, ${name}` })),
)}
<div class="field"><button class="second">${say('deploy_filter')}</button></div></form>
${
  job === undefined
    ? html`<p class="none">${say('staffing_none')}</p>`
    : html`${howMany(visit, lines)}
${county === undefined ? table(visit, byCounty(lines), { caption: 'staffing_counties', href: ({ key }) => address({ day, job: job.code, county: key }) }) : ''}
${table(visit, county === undefined ? lines.filter(({ gap }) => gap > 0).slice(0, WORST) : lines, {
  caption: county === undefined ? 'staffing_worst' : 'staffing_stations',
  href: ({ key }) => `${STAFFING}/${key}?day=${day}`,
})}`
}`
    visit.show({ title, body })
  })

  face.page('/staffing/:centre', 'look', async (visit) => {
    const { say, day: inWords, time } = visit.reader
    const { station, head } = await stationOf(visit)
    const day = dayOf(visit)
    const here = await peopleHere(read, station.centreCode, day)
    const mayMark = may(visit.me, 'deploy')
    const title = station.name
    const body = html`<h1>${title} <small>${station.centreCode}</small></h1>
<p class="lead">${inWords(day)}</p>
<p class="pages"><a href="${address({ day, county: station.county })}">${say('staffing_of', { county: station.county })}</a></p>
<dl><div><dt>${say('staffing_code')}</dt><dd><strong>${dayCode(app, station.centreCode, day)}</strong> <span class="soft">${say('staffing_code_hint')}</span></dd></div>
<div><dt>${say('staffing_head')}</dt><dd>${
      head === undefined
        ? say('staffing_no_head')
        : html`${head.name}, ${head.msisdn}. ${head.pinHash === null ? say('staffing_no_pin') : say('staffing_has_pin')}`
    }</dd></div></dl>
${
  head !== undefined && mayMark
    ? html`<form method="post" action="${STAFFING}/${station.centreCode}/pin">${visit.hidden}<button class="second">${say('staffing_renew')}</button></form>`
    : ''
}
<h2>${say('staffing_people')}</h2>
${
  here.length === 0
    ? html`<p class="none">${say('staffing_nobody')}</p>`
    : html`<div class="scroll" tabindex="0" role="region" aria-label="${say('staffing_people')}"><table><caption>${say('staffing_people')}</caption>
<thead><tr><th scope="col">${say('deploy_name')}</th><th scope="col">${say('deploy_job')}</th><th scope="col">${say('staffing_mark')}</th>${mayMark ? html`<th scope="col">${say('staffing_change')}</th>` : ''}</tr></thead>
<tbody>${here.map(
        (row) => html`<tr><th scope="row"><a href="/console/deployments/${row.deployment.id}">${row.name}</a></th>
<td>${row.job.code}</td><td>${markOf(visit, row)}</td>${mayMark ? html`<td>${markForm(visit, row, day)}</td>` : ''}</tr>\n`,
      )}</tbody></table></div>`
}
<p class="soft">${say('staffing_as_of', { time: time(app.clock.now()) })}</p>`
    const people = here.map(({ deployment }) => deployment.personId)
    visit.show({ title, body, seen: { people, fields: ['name', 'duty', 'mark'] } })
  })

  face.form('/staffing/:centre/pin', 'deploy', async (visit) => {
    const { station } = await stationOf(visit)
    await renewHead(app, officerActor(visit.me, visit.reader.language), station.centreCode)
    visit.go(`${STAFFING}/${station.centreCode}`, 'staffing_renewed')
  })

  face.form('/staffing/:centre/mark', 'deploy', async (visit, form) => {
    const { station } = await stationOf(visit)
    const day = form.get('day')
    const mark = MARKS.find((each) => each === form.get('mark'))
    const here = isDay(day) ? await peopleHere(read, station.centreCode, day) : []
    const row = here.find(({ deployment }) => deployment.id === form.get('deployment'))
    if (!row || mark === undefined) return visit.ctx.throw(404)
    await markByOfficer(app, officerActor(visit.me, visit.reader.language), { deployment: row.deployment.id, day, mark })
    visit.go(`${STAFFING}/${station.centreCode}?day=${day}`, 'staffing_marked')
  })

  disputePages(desk)

  /** The station of the address, where it is this officer's business. */
  async function stationOf(visit: Visit) {
    const { stations, heads } = read
    const [found] = await read
      .select({ station: stations, head: heads })
      .from(stations)
      .leftJoin(heads, eq(heads.centreCode, stations.centreCode))
      .where(eq(stations.centreCode, param(visit, 'centre')))
    if (!found || !covers(visit.me, found.station.county)) return visit.ctx.throw(404)
    return { station: found.station, head: found.head ?? undefined }
  }
}

const address = (query: Record<string, string | undefined>): string => {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return `${STAFFING}?${new URLSearchParams(given)}`
}

/** Stations of the nation that are shown at once: headquarters need not open each county. */
const WORST = 50
const SHOWN = ['gap', 'expected', 'present', 'late', 'absent', 'unmarked', 'empty'] as const

function howMany({ reader: { say, count } }: Visit, lines: readonly StaffingLine[]): Html {
  const sum = (name: 'expected' | 'gap') => lines.reduce((all, line) => all + line[name], 0)
  const text =
    sum('gap') === 0 ? say('staffing_full') : say('staffing_gaps', { gap: count(sum('gap')), of: count(sum('expected')) })
  return html`<p><strong>${text}</strong></p>`
}

function table(
  { reader: { say, count } }: Visit,
  lines: readonly StaffingLine[],
  {
    caption: named,
    href,
  }: { caption: 'staffing_counties' | 'staffing_stations' | 'staffing_worst'; href(line: StaffingLine): string },
): Html {
  const caption = say(named)
  const isCounty = named === 'staffing_counties'
  const where = ({ key, county }: StaffingLine) =>
    isCounty ? '' : html` <small>${key}${named === 'staffing_worst' ? `, ${county}` : ''}</small>`
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr><th scope="col">${say(isCounty ? 'deploy_county' : 'deploy_station')}</th>${SHOWN.map((each) => html`<th scope="col" class="right">${say(`staffing_${each}`)}</th>`)}</tr></thead>
<tbody>${lines.map(
    (line) =>
      html`<tr><th scope="row"><a href="${href(line)}">${line.name}</a>${where(line)}</th>${SHOWN.map((each) => html`<td class="right">${each === 'gap' && line.gap > 0 ? html`<strong>${count(line.gap)}</strong>` : count(line[each])}</td>`)}</tr>\n`,
  )}</tbody></table></div>`
}

function markOf(visit: Visit, { mark, by, deployment, disputedAt, settledBy }: Here): Html {
  const { say } = visit.reader
  const word = mark === null ? say('staffing_is_unmarked') : say(`staffing_is_${mark}`)
  const who = by === null ? '' : by === 'head' || by === 'self' ? say(`staffing_by_${by}`) : say('staffing_by_officer')
  return html`${word}${who === '' ? '' : html` <span class="soft">(${who})</span>`}${
    disputedAt !== null && settledBy === null ? html` <strong>${say('staffing_disputed')}</strong>` : ''
  }${deployment.status === 'released' ? html` <span class="soft">${say('staffing_unanswered')}</span>` : ''}`
}

function markForm(visit: Visit, { deployment, mark, name }: Here, day: string): Html {
  const { say } = visit.reader
  return html`<form method="post" action="${STAFFING}/${deployment.centreCode}/mark" class="inline">${visit.hidden}
<input type="hidden" name="deployment" value="${deployment.id}"><input type="hidden" name="day" value="${day}">
<select name="mark" aria-label="${say('staffing_mark')}: ${name}">${MARKS.map((each) => html`<option value="${each}"${each === mark ? raw(' selected') : ''}>${say(`staffing_is_${each}`)}</option>`)}</select>
<button class="second">${say('staffing_save')}</button></form>`
}
