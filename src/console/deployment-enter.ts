import { html, raw } from 'hono/html'
import { enterDeployment } from '../deployments/change.ts'
import type { BadRow } from '../deployments/check.ts'
import { covers, officerActor } from '../officers/officer.ts'
import { choice, field, problem } from '../web/fields.ts'
import type { Sent } from '../web/form.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { DEPLOYMENTS, type JobLine, jobsOf, onceOf } from './deployment-filters.ts'

/** The columns of a row, as the fields of a form. */
export const ROW_FIELDS = ['job_code', 'national_id', 'centre_code', 'report_on', 'report_at'] as const
type RowField = (typeof ROW_FIELDS)[number]
export type Wrongs = Partial<Record<RowField, string>>

/** `/console/deployments/new`: one deployment, typed by hand and checked as a row of a table is. */
export function deploymentEntry({ face, app }: Console): void {
  face.page('/deployments/new', 'deploy', async (visit) => visit.show(page(visit, await jobsOf(app, visit))))

  face.form('/deployments/new', 'deploy', async (visit, form) => {
    const values = typedOf(form)
    const result = await enterDeployment(app, officerActor(visit.me, visit.reader.language), {
      id: onceOf(visit, form),
      values,
      mine: (county) => covers(visit.me, county),
    })
    if ('entered' in result) return visit.go(`${DEPLOYMENTS}/${result.entered}`, 'deploy_entered')
    const { say } = visit.reader
    const jobs = await jobsOf(app, visit)
    if ('bad' in result) return visit.show(page(visit, jobs, values, wrongsOf(visit, result.bad)), 422)
    const why =
      'held' in result
        ? html`${say('deploy_held')} <a href="${DEPLOYMENTS}/${result.held}">${say('deploy_held_look')}</a>`
        : say(`deploy_${result.refused}`)
    visit.show(page(visit, jobs, values, {}, why), 422)
  })

  function page(
    visit: Visit,
    jobs: readonly JobLine[],
    values: Record<string, string> = {},
    wrong: Wrongs = {},
    why?: Html | string,
  ) {
    const { say } = visit.reader
    const title = say('deploy_enter')
    const body = html`<h1>${title}</h1>
${why === undefined ? '' : html`<p class="bad" role="alert">${why}</p>`}
${Object.keys(wrong).length > 0 ? problem('enter', say('deploy_mend')) : ''}
<form method="post" action="${DEPLOYMENTS}/new" class="narrow">${visit.hidden}
${choice({ name: 'job_code', label: say('deploy_job'), value: values.job_code ?? '', wrong: wrong.job_code }, [
  { value: '', label: say('release_choose') },
  ...jobs.map(({ code, title: name }) => ({ value: code, label: `${code}, ${name}` })),
])}
${field({ name: 'national_id', label: say('deploy_national_id'), value: values.national_id ?? '', wrong: wrong.national_id, more: raw(' inputmode="numeric" autocomplete="off" maxlength="20"') })}
${placeFields(visit, values, wrong)}
<button>${say('deploy_enter_button')}</button></form>
<p><a href="${DEPLOYMENTS}">${say('desk_deployments')}</a></p>`
    return { title, body }
  }
}

/** Where and when: the same in every form. */
export function placeFields({ reader: { say } }: Visit, values: Record<string, string>, wrong: Wrongs): Html {
  return html`${field({ name: 'centre_code', label: say('deploy_centre'), value: values.centre_code ?? '', wrong: wrong.centre_code, hint: say('deploy_centre_hint'), more: raw(' inputmode="numeric" autocomplete="off" maxlength="8"') })}
${field({ name: 'report_on', label: say('deploy_report_on'), value: values.report_on ?? '', wrong: wrong.report_on, more: raw(' type="date"') })}
${field({ name: 'report_at', label: say('deploy_report_at'), value: values.report_at ?? '', wrong: wrong.report_at, hint: say('deploy_report_at_hint'), more: raw(' type="time"') })}`
}

export const typedOf = (form: Sent): Record<string, string> =>
  Object.fromEntries(ROW_FIELDS.map((name) => [name, form.get(name)]))

/** What is wrong, at the field where it can be mended; the first of each. */
export function wrongsOf(visit: Visit, bad: readonly BadRow[]): Wrongs {
  const wrongs: Wrongs = {}
  for (const fault of bad) {
    const name = ROW_FIELDS.find((each) => each === fault.column) ?? 'centre_code'
    wrongs[name] ??= faultWords(visit, fault)
  }
  return wrongs
}

/** A fault of a row in the reader's language. */
export const faultWords = ({ reader: { say } }: Visit, { code, values }: BadRow): string => say(`bad_row_${code}`, values)
