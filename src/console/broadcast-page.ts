import { html, raw } from 'hono/html'
import { BULK_HOURS } from '../broadcasts/hours.ts'
import { APPLICATION_STATES } from '../jobs/overview.ts'
import type { Read } from '../store/store.ts'
import { area, choice, field, problem } from '../web/fields.ts'
import type { Page } from '../web/layout.ts'
import { countiesFor, DEPLOYMENT_STATES, type Typed, type Wrong } from './broadcast-form.ts'
import type { Visit } from './console.ts'
import { messageWays } from './message-ways.ts'

type Form = { read: Read; typed: Typed; wrong?: Wrong | undefined; jobs: readonly { code: string; title: string }[] }

/** The form in which a broadcast is written. */
export async function formPage(visit: Visit, { read, typed, wrong = {}, jobs }: Form): Promise<Page> {
  const { say } = visit.reader
  const own = visit.me.counties.length > 0
  const counties = await countiesFor(read, visit)
  const any = { value: '', label: say('cast_any') }
  const text = (name: 'text_en' | 'text_sw') =>
    area({
      name,
      label: say(`cast_${name}`),
      value: typed[name],
      hint: say('cast_text_hint'),
      wrong: wrong[name],
      more: raw(` required data-septets="160" lang="${name.slice(-2)}"`),
    })
  const one = (name: keyof Typed, options: readonly { value: string; label: string }[]) =>
    choice({ name, label: say(`cast_by_${name}`), value: typed[name], wrong: wrong[name] }, options)
  const title = say('cast_new')
  const body = html`<h1>${title}</h1>
${messageWays(visit)}
${Object.keys(wrong).length > 0 ? problem('cast', say('cast_mend')) : ''}
<p>${say('cast_about', { from: BULK_HOURS[0], to: BULK_HOURS[1] })}</p>
<form method="post">${visit.hidden}
<h2>${say('cast_what')}</h2>
<div class="two">${text('text_en')}${text('text_sw')}</div>
<h2>${say('cast_group')}</h2>
<p class="soft">${say('cast_left_out')}</p>
<div class="two"><div>
${one('county', [own ? { value: '', label: say('choose') } : any, ...counties.map((value) => ({ value, label: value }))])}
${field({ name: 'sub_county', label: say('cast_by_sub_county'), value: typed.sub_county, wrong: wrong.sub_county, hint: say('cast_sub_county_hint'), more: raw(' maxlength="60" autocomplete="off"') })}
${one('account', [any, ...(['yes', 'no'] as const).map((value) => ({ value, label: say(`cast_account_${value}`) }))])}
${one('language', [any, ...(['en', 'sw'] as const).map((value) => ({ value, label: say(`cast_language_${value}`) }))])}
</div><div>
${one('job', [any, ...jobs.map(({ code, title: name }) => ({ value: code, label: `${code}: ${name}` }))])}
${one('application', [any, ...APPLICATION_STATES.map((value) => ({ value, label: visit.word('status', value) }))])}
${one('deployment', [any, ...DEPLOYMENT_STATES.map((value) => ({ value, label: say(`deployment_${value}`) }))])}
</div></div>
<button>${say('cast_look')}</button>
</form>`
  return { title, body }
}
