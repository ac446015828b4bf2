import { html } from 'hono/html'
import { firstName } from '../people/holder.ts'
import type { Portal } from './portal.ts'

/** `/portal`: where somebody stands, and what waits for them. */
export function homePage(portal: Portal): void {
  const { face, perform } = portal
  face.page('', 'in', async (visit) => {
    const { reader, me } = visit
    const { say } = reader
    const profile = await perform(visit, 'profile.open', {})
    const jobs = await perform(visit, 'jobs.open', {})
    const applications = await perform(visit, 'applications.list', {})
    const duties = await perform(visit, 'deployments.mine', {})
    const count = (outcome: typeof jobs) => (Array.isArray(outcome.done?.items) ? outcome.done.items.length : 0)
    const waiting = (Array.isArray(duties.done?.items) ? (duties.done.items as { answer: string }[]) : []).filter(
      ({ answer }) => answer === 'released',
    )
    const title = say('home_title', { first_name: firstName(me.person.fullName) })
    const line = (href: string, label: string, text: string) => html`<li><a href="${href}">${label}</a> <span>${text}</span></li>`
    const body = html`<h1>${title}</h1>
${waiting.length > 0 ? html`<p class="next"><a href="/portal/letters">${say('home_answer')}</a></p>` : ''}
<ul class="ways">
${line('/portal/profile', say('room_profile'), say('home_profile', { percent: Number(profile.done?.percent ?? 0) }))}
${line('/portal/jobs', say('room_jobs'), say('home_jobs', { count: count(jobs) }))}
${line('/portal/applications', say('room_applications'), say('home_applications', { count: count(applications) }))}
${line('/portal/letters', say('room_letters'), say('home_letters', { count: count(duties) }))}
</ul>`
    visit.show({ title, body })
  })
}
