import { html } from 'hono/html'
import { acting } from '../acting.ts'
import { askErasure, erasureAsked } from '../people/erasure.ts'
import { everythingHeld } from '../people/held.ts'
import type { Portal } from './portal.ts'
import { actorOf } from './visit.ts'

/** What is held, as it can be taken away: what is held, alerts, export, correction, erasure. */
export function privacyPages({ face, app, perform }: Portal): void {
  face.page('/privacy', 'in', async (visit) => {
    const { say, time } = visit.reader
    const title = say('room_privacy')
    const asked = await erasureAsked(app, visit.me.person.id)
    const held = ['roll', 'profile', 'applications', 'letters', 'messages', 'certificates', 'trail'] as const
    const { alerts } = visit.me.account
    const body = html`<h1>${title}</h1>
<h2>${say('privacy_alerts_title')}</h2>
<p>${say(alerts ? 'privacy_alerts_on' : 'privacy_alerts_off')}</p>
<form method="post" action="/portal/privacy/alerts">${visit.hidden}<button class="second" name="on" value="${alerts ? '0' : '1'}">${say(alerts ? 'privacy_alerts_stop' : 'privacy_alerts_start')}</button></form>
<h2>${say('security_title')}</h2>
<ul class="ways"><li><a href="/portal/security">${say('security_link')}</a> <span>${say('security_text')}</span></li></ul>
<h2>${say('privacy_held_title')}</h2>
<p>${say('privacy_held_text')}</p>
<ul>${held.map((each) => html`<li>${say(`held_${each}`)}</li>\n`)}</ul>
<form method="post" action="/portal/privacy/export">${visit.hidden}<button class="second">${say('privacy_export')}</button></form>
<h2>${say('privacy_correct_title')}</h2>
<p>${say('privacy_correct_text')} <a href="/portal/profile">${say('room_profile')}</a></p>
<h2>${say('privacy_erase_title')}</h2>
${
  asked === undefined
    ? html`<p>${say('privacy_erase_text')}</p><form method="post" action="/portal/privacy/erase">${visit.hidden}<button class="second">${say('privacy_erase')}</button></form>`
    : html`<p class="next">${say('privacy_erase_asked', { time: time(asked) })}</p>`
}`
    visit.show({ title, body })
  })

  face.form('/privacy/alerts', 'in', async (visit, form) => {
    const on = form.get('on') === '1'
    await perform(visit, 'alerts.set', { on })
    visit.go('/portal/privacy', on ? 'alerts_on' : 'alerts_off')
  })

  face.form('/privacy/export', 'in', async (visit) => {
    const { id } = visit.me.person
    const held = await acting(app, actorOf(visit), 'people.export', id, async (scene) => [
      await everythingHeld(scene, id),
      { outcome: 'done', subject: id },
    ])
    visit.ctx.attachment('wito-my-data.json')
    visit.ctx.type = 'application/json'
    visit.ctx.body = JSON.stringify(held, null, 2)
  })

  face.form('/privacy/erase', 'in', async (visit) => {
    const { id, homeCounty: county } = visit.me.person
    await askErasure(app, actorOf(visit), { id, county })
    visit.go('/portal/privacy', 'erase_asked')
  })
}
