import { html } from 'hono/html'
import { askRotation, rotationRun } from '../keys/rotate.ts'
import { notedKeys } from '../keys/standing.ts'
import { covers, officerActor } from '../officers/officer.ts'
import { MESSAGE_CLASSES, ruleOf } from '../sms/classes.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { onceOf } from './deployment-filters.ts'

/** `/console/settings`: by what this service works, and its keys. Settings come from the environment; here they are read, never a secret. */
export function settingsPage({ face, app }: Console): void {
  const { config, keyring } = app

  face.page('/settings', 'settings', async (visit) => {
    const { say } = visit.reader
    const title = say('desk_settings')
    const body = html`<h1>${title}</h1>
<p>${say('settings_text')}</p>
<dl>${lines(visit).map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>\n`)}</dl>
<h2>${say('settings_hours')}</h2>
${hours(visit)}
<h2>${say('settings_keys')}</h2>
<p>${say('settings_keys_text')}</p>
${await keys(visit)}`
    visit.show({ title, body })
  })

  face.form('/settings/rotate', 'settings', async (visit, form) => {
    // The keys are the nation's.
    if (!covers(visit.me, null)) return visit.ctx.throw(404)
    const asked = await askRotation(app, officerActor(visit.me, visit.reader.language), onceOf(visit, form))
    if ('refused' in asked) return visit.go('/console/settings', 'settings_one_key')
    visit.go(`/console/approvals/${asked.order}`, 'settings_asked')
  })

  function lines({ reader: { say, count } }: Visit): [string, string][] {
    const { gateway } = config
    return [
      [say('settings_dial'), config.serviceCode],
      [say('settings_short_code'), config.shortCode],
      [say('settings_sender'), gateway.senderId ?? config.shortCode],
      [say('settings_gateway'), gateway.apiKey === undefined ? say('settings_stand_in') : gateway.username],
      [say('settings_rate'), say('settings_per_second', { n: count(config.smsPerSecond) })],
      [say('settings_links'), app.publicUrl],
      [say('settings_mode'), say(config.production ? 'settings_production' : 'settings_development')],
    ]
  }

  function hours({ reader: { say, count } }: Visit): Html {
    return html`<div class="scroll" tabindex="0" role="region" aria-label="${say('settings_hours')}"><table><caption>${say('settings_hours_caption')}</caption>
<thead><tr><th scope="col">${say('messages_class')}</th><th scope="col">${say('settings_when')}</th><th scope="col" class="right">${say('settings_life')}</th><th scope="col" class="right">${say('settings_tries')}</th></tr></thead>
<tbody>${MESSAGE_CLASSES.map((name) => {
      const { hours: awake, lifeMs, tries } = ruleOf(name)
      return html`<tr><td>${say(`class_${name}`)}</td><td>${awake ? `${awake[0]}:00–${awake[1]}:00` : say('settings_any_time')}</td><td class="right">${say('settings_for_hours', { n: count(lifeMs / 3_600_000) })}</td><td class="right">${count(tries)}</td></tr>\n`
    })}</tbody></table></div>`
  }

  async function keys(visit: Visit): Promise<Html> {
    const { say, time } = visit.reader
    const { all, sealing } = keyring.ids
    const rows = (await notedKeys(app)).map(({ id, since }) => {
      const role = id === keyring.newest ? 'newest' : sealing.includes(id) ? 'older' : all.includes(id) ? 'codes' : 'gone'
      return html`<tr><td><code>${id}</code></td><td>${time(since)}</td><td>${say(`settings_key_${role}`)}</td></tr>\n`
    })
    const run = await rotationRun(app)
    const underWay = run?.state === 'waiting' || run?.state === 'running'
    return html`<div class="scroll" tabindex="0" role="region" aria-label="${say('settings_keys')}"><table><caption>${say('settings_keys_caption')}</caption>
<thead><tr><th scope="col">${say('settings_key')}</th><th scope="col">${say('settings_key_since')}</th><th scope="col">${say('settings_key_role')}</th></tr></thead>
<tbody>${rows}</tbody></table></div>
${
  underWay
    ? html`<p>${say('settings_rotating')}</p>`
    : keyring.ids.sealing.length > 1 && covers(visit.me, null)
      ? html`<form method="post" action="/console/settings/rotate">${visit.hidden}<button class="second">${say('settings_rotate')}</button></form>`
      : ''
}`
  }
}
