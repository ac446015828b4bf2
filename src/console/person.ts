import { and, desc, eq, inArray } from 'drizzle-orm'
import { html, raw } from 'hono/html'
import { acting } from '../acting.ts'
import { maskMsisdn } from '../base/msisdn.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { sendAgain } from '../letters/operate.ts'
import { inCountiesOf, may, officerActor } from '../officers/officer.ts'
import { openDocument } from '../people/documents.ts'
import {
  type FieldName,
  fieldGroups,
  fieldsOf,
  isFieldName,
  type Profile,
  percentOf,
  profileFields,
  readProfile,
  shown,
} from '../people/profile-fields.ts'
import { findPerson, type Person } from '../people/search.ts'
import { clearSim, simHold } from '../people/sim-swap.ts'
import { guessKeysOf, SUSPENSION_REASONS, setStanding, unlock } from '../people/standing.ts'
import { param, queryOf } from '../web/face.ts'
import { area, choice } from '../web/fields.ts'
import type { Html, Page } from '../web/layout.ts'
import { actorsIn } from './actors.ts'
import type { Console, Visit } from './console.ts'
import { timelineList, timelineOf } from './timeline.ts'

/** Why an officer looks at a masked field. */
const LOOK_REASONS = ['call', 'papers', 'pay', 'complaint', 'other'] as const
/** What of the roll is masked; of the profile it is what {@link isMasked} says. */
const ROLL_FIELDS = ['national_id', 'phone', 'tsc_number', 'kra_pin'] as const
type RollField = (typeof ROLL_FIELDS)[number]

/** `/console/people/:id`: one person, one timeline, and what an officer may do for them. */
export function personPages({ face, app }: Console): void {
  const actorOf = (visit: Visit) => officerActor(visit.me, visit.reader.language)

  async function personOf(visit: Visit): Promise<Person> {
    const person = await findPerson(app, param(visit, 'id'), inCountiesOf(visit.me, app.store.read.people.homeCounty))
    return person ?? visit.ctx.throw(404)
  }
  const profileOf = (id: string) => app.store.work(`profile:${id}`, (tx) => readProfile({ tx, tools: app }, id))

  face.page('/people/:id', 'look', async (visit) => showPerson(visit, await personOf(visit)))

  async function showPerson(visit: Visit, person: Person, note?: Html) {
    const before = Number(queryOf(visit).before ?? Number.NaN)
    const profile = await acting(app, actorOf(visit), 'people.look', person.id, async ({ tx }) => [
      await readProfile({ tx, tools: app }, person.id),
      { outcome: 'done', subject: person.id },
    ])
    const timeline = await timelineOf(app, visit, person, Number.isFinite(before) ? before : app.clock.now())
    const body = html`<h1>${person.fullName}</h1>
${note ?? ''}
${await aboutPerson(visit, person, profile)}
${await dutiesOf(visit, person)}
${may(visit.me, 'vet') ? await whatToDo(visit, person) : ''}
<h2 id="timeline">${visit.reader.say('timeline_title')}</h2>
${timelineList(visit, timeline, `/console/people/${person.id}`)}`
    visit.show({ title: person.fullName, body }, note === undefined ? 200 : 409)
  }

  face.page('/people/:id/reveal/:field', 'reveal', async (visit) => {
    const person = await personOf(visit)
    if (!isMasked(param(visit, 'field'))) return visit.ctx.throw(404)
    visit.show(revealPage(visit, person, param(visit, 'field')))
  })

  face.form('/people/:id/reveal/:field', 'reveal', async (visit, form) => {
    const person = await personOf(visit)
    const name = param(visit, 'field')
    if (!isMasked(name)) return visit.ctx.throw(404)
    const reason = LOOK_REASONS.find((each) => each === form.get('reason'))
    const note = form.get('note').replace(/\s+/g, ' ').slice(0, 120)
    if (!reason || (reason === 'other' && note === '')) return visit.show(revealPage(visit, person, name, true), 422)
    const profile = await profileOf(person.id)
    const value = await acting(app, actorOf(visit), 'people.reveal', person.id, async () => [
      isRollField(name) ? rollValue(person, name) : profile[name as FieldName],
      { outcome: 'done', subject: person.id, detail: { field: name, reason, ...(note ? { note } : {}) } },
    ])
    visit.ctx.set('Cache-Control', 'no-store')
    visit.show(shownPage(visit, person, name, value))
  })

  face.form('/people/:id/papers/:paper', 'reveal', async (visit) => {
    const person = await personOf(visit)
    const { read } = app.store
    const [own] = await read
      .select({ of: read.documents.personId })
      .from(read.documents)
      .where(eq(read.documents.id, param(visit, 'paper')))
    const paper = own?.of === person.id ? await openDocument(app, param(visit, 'paper')) : undefined
    if (!paper) return visit.ctx.throw(404)
    await acting(app, actorOf(visit), 'people.reveal', person.id, async () => [
      undefined,
      { outcome: 'done', subject: person.id, detail: { field: 'certificate', reason: 'papers' } },
    ])
    visit.ctx.set('Cache-Control', 'no-store')
    visit.ctx.attachment(`certificate.${paper.type}`)
    visit.ctx.type = paper.type === 'pdf' ? 'application/pdf' : 'image/jpeg'
    visit.ctx.body = Buffer.from(paper.bytes)
  })

  face.form('/people/:id/letter', 'vet', async (visit, form) => {
    const person = await personOf(visit)
    const { read } = app.store
    const [own] = await read
      .select()
      .from(read.deployments)
      .where(eq(read.deployments.id, form.get('deployment')))
    if (own?.personId !== person.id) return visit.ctx.throw(404)
    const sent = await sendAgain(app, actorOf(visit), { deployment: own.id, key: form.get('once') })
    visit.go(`/console/people/${person.id}`, sent === 'done' ? 'letter_sent_again' : 'letter_not_in_force')
  })

  face.form('/people/:id/seen', 'vet', async (visit) => {
    const person = await personOf(visit)
    await clearSim(app, actorOf(visit), { id: person.id, msisdn: await numberOf(person) })
    visit.go(`/console/people/${person.id}`, 'sim_cleared')
  })

  face.form('/people/:id/unlock', 'vet', async (visit) => {
    const person = await personOf(visit)
    await unlock(app, actorOf(visit), { id: person.id, msisdn: await numberOf(person) })
    visit.go(`/console/people/${person.id}`, 'unlocked')
  })

  face.form('/people/:id/standing', 'vet', async (visit, form) => {
    const person = await personOf(visit)
    const reason = SUSPENSION_REASONS.find((each) => each === form.get('reason'))
    const was = form.get('was') === 'suspended' ? 'suspended' : 'vetted'
    if (!reason) return visit.go(`/console/people/${person.id}`, 'standing_reason')
    const result = await setStanding(app, actorOf(visit), { id: person.id, was, reason })
    if (result === 'stale') return showPerson(visit, await personOf(visit), await changedBefore(visit, person.id))
    const said = { done: was === 'vetted' ? 'suspended' : 'restored', sub_county: 'standing_sub_county' }
    visit.go(`/console/people/${person.id}`, said[result])
  })

  /** What the officer who came first did, when and why. */
  async function changedBefore(visit: Visit, id: string): Promise<Html> {
    const { audit } = app.store.read
    const { say, time } = visit.reader
    const [act] = await app.store.read
      .select()
      .from(audit)
      .where(and(eq(audit.subject, id), inArray(audit.action, ['people.suspend', 'people.restore']), eq(audit.outcome, 'done')))
      .orderBy(desc(audit.at), desc(audit.id))
      .limit(1)
    const who = await actorsIn(app.store.read, visit.reader, [act?.actor ?? null])
    const reason = SUSPENSION_REASONS.find((each) => each === act?.detail?.reason)
    const what = act && [say(`act_${act.action.replace('.', '_')}`), ...(reason ? [say(`suspend_why_${reason}`)] : [])].join(': ')
    return html`<div class="bad" role="alert"><p>${say('standing_stale')}</p>${act ? html`<p>${what} (${who(act.actor)}, ${time(act.at)})</p>` : ''}</div>`
  }

  const rollValue = (person: Person, name: RollField): string | undefined => {
    const open = (column: string, sealed: string | null) =>
      sealed === null ? undefined : app.keyring.open(`people.${column}:${person.id}`, sealed)
    if (name === 'phone') return person.msisdn
    if (name === 'national_id') return open('national_id', person.nationalIdSealed)
    return name === 'tsc_number' ? open('tsc_number', person.tscNumberSealed) : open('kra_pin', person.kraPinSealed)
  }

  async function accountOf(person: Person) {
    const { read } = app.store
    const [account] = await read.select().from(read.accounts).where(eq(read.accounts.personId, person.id))
    return account
  }
  const numberOf = async (person: Person) => (await accountOf(person))?.msisdn ?? person.msisdn

  async function aboutPerson(visit: Visit, person: Person, profile: Profile): Promise<Html> {
    const { say, day } = visit.reader
    const account = await accountOf(person)
    const masked = (name: RollField, value: string | undefined) =>
      html`<div><dt>${say(`roll_${name}`)}</dt><dd>${value === undefined ? say('person_none') : html`${name === 'phone' ? maskMsisdn(value) : `..${value.slice(-4)}`} ${revealLink(visit, person, name)}`}</dd></div>`
    const line = (label: string, value: string) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`
    return html`<div class="two"><section><h2>${say('person_roll')}</h2><dl>
${line(say('people_status'), say(`standing_${person.status}`))}
${ROLL_FIELDS.map((name) => masked(name, rollValue(person, name)))}
${line(say('people_place'), `${person.homeSubCounty}, ${person.homeCounty}`)}
${line(visit.word('field', 'qualification'), `${visit.word('qualification', person.qualification)}${person.subjects.length > 0 ? `: ${person.subjects.join(', ')}` : ''}`)}
${line(visit.word('field', 'workstation_code'), person.workstationCode ?? say('person_none'))}
</dl></section>
<section><h2>${say('person_account')}</h2><dl>
${line(say('person_account'), account ? say('person_since', { day: day(account.createdAt) }) : say('person_no_account'))}
${account ? html`${line('PIN', say(account.pinHash === null ? 'person_not_chosen' : 'person_chosen'))}${line(say('person_alerts'), say(account.alerts ? 'person_yes' : 'person_no'))}${line(say('person_profile'), `${percentOf(profile)} %`)}` : ''}
</dl>${account ? profileList(visit, person, profile) : ''}</section></div>`
  }

  function profileList(visit: Visit, person: Person, profile: Profile): Html {
    const { say } = visit.reader
    return html`<details><summary>${say('person_profile_show')}</summary><dl>${fieldGroups.flatMap((group) =>
      fieldsOf(group).map((name) => {
        const value = profile[name]
        const text =
          value === undefined
            ? say('person_none')
            : isMasked(name)
              ? 'masked' in profileFields[name]
                ? shown(name, value)
                : '•••'
              : value.replaceAll(';', ', ')
        return html`<div><dt>${visit.word('field', name)}</dt><dd>${text} ${value !== undefined && isMasked(name) ? revealLink(visit, person, name) : ''}</dd></div>\n`
      }),
    )}</dl></details>`
  }

  const revealLink = (visit: Visit, person: Person, name: string) =>
    may(visit.me, 'reveal')
      ? html`<a href="/console/people/${person.id}/reveal/${name}">${visit.reader.say('reveal')}<span class="hidden"> ${labelOf(visit, name)}</span></a>`
      : ''

  async function dutiesOf(visit: Visit, person: Person): Promise<Html> {
    const { read } = app.store
    const { say, day, language } = { ...visit.reader }
    const { applications, deployments, jobs, stations, documents } = read
    const asked = await read
      .select({ application: applications, job: jobs })
      .from(applications)
      .innerJoin(jobs, eq(jobs.code, applications.jobCode))
      .where(eq(applications.personId, person.id))
      .orderBy(desc(applications.at))
      .limit(50)
    const sent = await read
      .select({ deployment: deployments, job: jobs, station: stations })
      .from(deployments)
      .innerJoin(jobs, eq(jobs.code, deployments.jobCode))
      .innerJoin(stations, eq(stations.centreCode, deployments.centreCode))
      .where(eq(deployments.personId, person.id))
      .orderBy(desc(deployments.reportOn))
      .limit(50)
    const papers = await read.select().from(documents).where(eq(documents.personId, person.id)).limit(20)
    return html`<h2>${say('person_applications')}</h2>
${asked.length === 0 ? html`<p class="none">${say('person_none')}</p>` : html`<ul>${asked.map(({ application, job }) => html`<li>${titleOf(job, language)} (${job.code}), ${application.reference}: ${visit.word('status', application.status)}, ${day(application.at)}</li>\n`)}</ul>`}
<h2>${say('person_duties')}</h2>
${
  sent.length === 0
    ? html`<p class="none">${say('person_none')}</p>`
    : html`<ul>${sent.map(
        ({ deployment, job, station }) =>
          html`<li>${titleOf(job, language)}, ${station.name} (${station.centreCode}), ${day(deployment.reportOn)}: ${say(`deployment_${deployment.status}`)}${
            may(visit.me, 'vet') && ['released', 'accepted'].includes(deployment.status)
              ? html`<form method="post" action="/console/people/${person.id}/letter">${visit.hidden}<input type="hidden" name="deployment" value="${deployment.id}"><button class="second">${say('letter_send_again')}</button></form>`
              : ''
          }</li>\n`,
      )}</ul>`
}
${papers.length === 0 ? '' : html`<h2>${say('person_papers')}</h2><ul>${papers.map(({ id, label, type, at }) => html`<li class="bar">${label} (${type.toUpperCase()}), ${day(at)} ${may(visit.me, 'reveal') ? html`<form method="post" action="/console/people/${person.id}/papers/${id}">${visit.hidden}<button class="plain">${say('paper_fetch')}<span class="hidden"> ${label}</span></button></form>` : ''}</li>\n`)}</ul>`}`
  }

  async function whatToDo(visit: Visit, person: Person): Promise<Html> {
    const { say, time } = visit.reader
    const { read } = app.store
    const locks = await read
      .select()
      .from(read.guesses)
      .where(inArray(read.guesses.key, guessKeysOf(await numberOf(person))))
    const until = Math.max(0, ...locks.map(({ lockedUntil }) => lockedUntil))
    const locked = until > app.clock.now()
    const suspended = person.status === 'suspended'
    const simHeld = await simHold(read, await numberOf(person), app.clock.now())
    return html`<h2>${say('person_do')}</h2>
${simHeld ? html`<form method="post" action="/console/people/${person.id}/seen">${visit.hidden}<p>${say('person_sim')}</p><button class="second">${say('person_sim_seen')}</button></form>` : ''}${locks.length === 0 ? '' : html`<form method="post" action="/console/people/${person.id}/unlock">${visit.hidden}<p>${locked ? say('person_locked', { time: time(until) }) : say('person_tried')}</p><button class="second">${say('unlock')}</button></form>`}
<details><summary>${say(suspended ? 'restore' : 'suspend')}</summary>
<form method="post" action="/console/people/${person.id}/standing" class="narrow">${visit.hidden}<input type="hidden" name="was" value="${person.status}">
<p>${say(suspended ? 'restore_text' : 'suspend_text')}</p>
${choice({ name: 'reason', label: say('why'), value: '' }, [
  { value: '', label: say('choose') },
  ...SUSPENSION_REASONS.map((value) => ({ value, label: say(`suspend_why_${value}`) })),
])}
<button class="danger">${say(suspended ? 'restore' : 'suspend')}</button></form></details>`
  }
}

const isRollField = (name: string): name is RollField => (ROLL_FIELDS as readonly string[]).includes(name)
/** What says too much about a person to stand on a page: everything but where they live, what they learnt and where they teach. */
const isMasked = (name: string): boolean =>
  isRollField(name) ||
  (isFieldName(name) &&
    (['personal', 'bank', 'kin', 'numbers'] as string[]).includes(profileFields[name].group) &&
    !name.startsWith('home_'))
const labelOf = (visit: Visit, name: string): string =>
  isRollField(name) ? visit.reader.say(`roll_${name}`) : visit.word('field', name)

function revealPage(visit: Visit, person: Person, name: string, wrong = false): Page {
  const { say } = visit.reader
  const title = say('reveal_title', { field: labelOf(visit, name), name: person.fullName })
  const body = html`<h1>${title}</h1>
<p>${say('reveal_text')}</p>
<form method="post" class="narrow">${visit.hidden}
${choice({ name: 'reason', label: say('why'), value: '', wrong: wrong ? say('reveal_why') : undefined }, [
  { value: '', label: say('choose') },
  ...LOOK_REASONS.map((value) => ({ value, label: say(`look_why_${value}`) })),
])}
${area({ name: 'note', label: say('reveal_note'), value: '', hint: say('reveal_note_hint'), more: raw(' maxlength="120"') })}
<button>${say('reveal')}</button></form>
<p><a href="/console/people/${person.id}">${say('person_back')}</a></p>`
  return { title, body, seen: { people: [person.id], fields: ['name'] } }
}

function shownPage(visit: Visit, person: Person, name: string, value: string | undefined): Page {
  const { say } = visit.reader
  const body = html`<h1>${labelOf(visit, name)}: ${person.fullName}</h1>
<p class="dial"><strong>${value ?? say('person_none')}</strong></p>
<p>${say('reveal_recorded')}</p>
<p><a href="/console/people/${person.id}">${say('person_back')}</a></p>`
  return { title: labelOf(visit, name), body }
}
