import { html } from 'hono/html'
import { countUpTo, DEPLOYMENT_STATES, type DeploymentLine, goByDay, listDeployments } from '../deployments/overview.ts'
import { may } from '../officers/officer.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { deploymentActs } from './deployment-acts.ts'
import { deploymentEntry } from './deployment-enter.ts'
import { askedOf, countiesFor, DEPLOYMENTS, filterForm, jobsOf, listAddress, stateTabs, whichOf } from './deployment-filters.ts'
import { deploymentImport } from './deployment-import.ts'
import { deploymentJob } from './deployment-job.ts'
import { deploymentPage } from './deployment-one.ts'
import { deploymentPlaces } from './deployment-places.ts'
import { deploymentRelease } from './deployment-release.ts'
import { type Column, longTable, one, onPage, PAGE_ROWS, tableQuery } from './table.ts'

/** `/console/deployments`: who is sent where, how far the letters came, and what was answered. */
export function deploymentPages(desk: Console): void {
  const { face, app } = desk
  const { read } = app.store

  face.page('/deployments', 'look', async (visit) => {
    const status = DEPLOYMENT_STATES.find((state) => state === one(visit, 'status')) ?? 'released'
    const asked = askedOf(visit)
    const which = whichOf(app, visit, asked)
    const byDay = goByDay(which)
    const query = tableQuery(visit, byDay ? ['day'] : [], 'day')
    const [counts, rows, jobs, counties] = await Promise.all([
      countUpTo(read, which),
      listDeployments(read, { ...which, status }, { after: query.after, down: query.down, limit: PAGE_ROWS + 1 }),
      jobsOf(app, visit),
      countiesFor(app, visit),
    ])
    const { say } = visit.reader
    const title = say('desk_deployments')
    const columns = columnsOf(visit, byDay)
    const body = html`<h1>${title}</h1>
${ways(visit, asked.job)}
${stateTabs(visit, status, counts, asked)}
${filterForm(visit, { status, asked, jobs, counties })}
${status === 'draft' && may(visit.me, 'deploy') ? html`<p><a href="${DEPLOYMENTS}/release${asked.job === undefined ? '' : listAddress(status, asked).slice(DEPLOYMENTS.length)}">${say('release_title')}</a></p>` : ''}
${longTable(visit, query, { caption: say(`deploy_list_${status}`), columns, rows, keyOf: ({ reportOn, id }) => [reportOn, id] })}`
    const people = onPage(rows).map(({ personId }) => personId)
    visit.show({ title, body, seen: { people, fields: ['name', 'duty'] } })
  })

  deploymentPlaces(desk)
  deploymentJob(desk)
  deploymentRelease(desk)
  deploymentEntry(desk)
  deploymentImport(desk)
  deploymentPage(desk)
  deploymentActs(desk)
}

/** The rooms beside the list. */
function ways(visit: Visit, job: string | undefined): Html {
  const { say } = visit.reader
  const to = (path: string, label: string) => html`<a href="${DEPLOYMENTS}${path}">${label}</a> `
  return html`<p class="pages">${to('/places', say('places_title'))}<a href="/console/pay">${say('pay_title')}</a> ${
    job === undefined ? '' : to(`/jobs/${encodeURIComponent(job)}`, say('deploy_watch', { job }))
  }${may(visit.me, 'deploy') ? html`${to('/new', say('deploy_enter'))}${to('/import', say('deploy_import'))}` : ''}</p>`
}

function columnsOf({ reader: { say, day, time, count } }: Visit, byDay: boolean): Column<DeploymentLine>[] {
  return [
    {
      name: 'name',
      label: say('deploy_name'),
      cell: ({ id, name }) => html`<a href="${DEPLOYMENTS}/${id}">${name}</a>`,
    },
    { name: 'job', label: say('deploy_job'), cell: ({ job }) => job },
    { name: 'station', label: say('deploy_station'), cell: ({ station, centre }) => html`${station} <small>${centre}</small>` },
    { name: 'county', label: say('deploy_county'), cell: ({ county }) => county },
    {
      name: 'day',
      label: say('deploy_reports'),
      cell: ({ reportOn, reportAt }) => `${day(reportOn)}, ${reportAt}`,
      ...(byDay ? { sorts: true as const } : {}),
    },
    { name: 'version', label: say('deploy_letter'), cell: ({ version }) => (version === 0 ? '' : count(version)), right: true },
    { name: 'text', label: say('deploy_sms'), cell: ({ text }) => (text === null ? '' : say(`sms_${text}`)) },
    {
      name: 'opened',
      label: say('deploy_opened'),
      cell: ({ version, downloads }) => (version === 0 ? '' : count(Number(downloads))),
      right: true,
    },
    { name: 'changed', label: say('deploy_changed'), cell: ({ changedAt }) => time(changedAt) },
  ]
}
