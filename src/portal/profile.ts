import { html, raw } from 'hono/html'
import { maskMsisdn } from '../base/msisdn.ts'
import { type ChangeKind, type OpenChange, openChanges } from '../people/changes.ts'
import {
  type FieldName,
  fieldGroups,
  fieldsOf,
  missingOf,
  type Profile,
  percentOf,
  profileFields,
  readProfile,
  shown,
} from '../people/profile-fields.ts'
import { performing } from '../perform.ts'
import { param, queryOf } from '../web/face.ts'
import { choice, field, problem } from '../web/fields.ts'
import type { Sent } from '../web/form.ts'
import type { Html, Page } from '../web/layout.ts'
import { changeWaits } from './change-waits.ts'
import type { Portal } from './portal.ts'
import { actorOf, type Visit } from './visit.ts'

type Group = (typeof fieldGroups)[number]
/** What was typed for each field, and what is wrong with it: `wrong` will not do, the others are asked about once more. */
export type Typed = Partial<Record<FieldName, string>>
export type Doubt = 'wrong' | 'odd' | 'name_differs' | 'unknown_station' | 'sim'
export type Doubts = Partial<Record<FieldName, Doubt>>

/** Fields of which one of a few is chosen, with the group of words that names those. */
const CHOICES: Partial<Record<FieldName, { words: string; values: readonly string[] }>> = {
  gender: { words: 'key', values: ['female', 'male'] },
  qualification: { words: 'qualification', values: ['certificate', 'diploma', 'degree', 'postgraduate'] },
  teaching_level: { words: 'key', values: ['primary', 'junior', 'secondary', 'college'] },
}

/** `/portal/profile`: what is known, what is missing and why it is asked; a group at a time is written. */
export function profilePages(portal: Portal): void {
  const { face, app, actions, within } = portal
  const profileOf = (visit: Visit) => within(visit, (scene) => readProfile(scene, visit.me.person.id))

  face.page('/profile', 'in', async (visit) => {
    const changes = await openChanges(app.store.read, visit.me.person.id)
    visit.show(profilePage(visit, await profileOf(visit), changes))
  })

  face.page('/profile/:group', 'in', async (visit) => {
    const group = groupOf(visit)
    const profile = await profileOf(visit)
    if (!group || isClosed(group, profile)) return visit.ctx.throw(404)
    visit.show(groupPage(visit, group, profile))
  })

  face.form('/profile/:group', 'in', async (visit, form) => {
    const group = groupOf(visit)
    const profile = await profileOf(visit)
    if (!group) return visit.ctx.throw(404)
    // Sent twice, or from an old page: the bank that was saved first stands.
    if (isClosed(group, profile)) return visit.go('/portal/profile', 'bank_kept')
    const typed = typedOf(group, form)
    const doubts: Doubts = {}
    const saved: FieldName[] = []
    await performing(app, actions, visit.me.msisdn, async (_, perform) => {
      saved.length = 0
      for (const name of fieldsOf(group)) {
        const value = typed[name] ?? ''
        if (value === '' || value === profile[name]) continue
        const outcome = await perform('profile.save', actorOf(visit), {
          field: name,
          value,
          sure: form.get(`sure_${name}`) === '1',
        })
        if (outcome.refused) doubts[name] = outcome.refused as Doubt
        else saved.push(name)
      }
    })
    if (Object.keys(doubts).length > 0)
      return visit.show(groupPage(visit, group, await profileOf(visit), { typed, doubts, saved }), 422)
    visit.go(`/portal/profile?saved=${saved.join('.') || 'nothing'}`)
  })
}

const groupOf = (visit: Visit): Group | undefined => fieldGroups.find((group) => group === param(visit, 'group'))
/** A bank account that is complete changes only where a PIN and a second person guard it: not by whoever finds an open browser. */
export const isClosed = (group: Group, profile: Profile) =>
  group === 'bank' && fieldsOf('bank').every((name) => profile[name] !== undefined)
const typedOf = (group: Group, form: Sent): Typed => Object.fromEntries(fieldsOf(group).map((name) => [name, form.get(name)]))

function profilePage(visit: Visit, profile: Profile, changes: readonly OpenChange[]): Page {
  const { say } = visit.reader
  const title = say('room_profile')
  const missing = missingOf(profile)
  const changeOf = (kind: ChangeKind) => {
    const open = changes.find((each) => each.kind === kind)
    return open ? changeWaits(visit, open) : html`<p><a href="/portal/change/${kind}">${say(`change_${kind}_title`)}</a></p>`
  }
  const { saved } = queryOf(visit)
  const names =
    saved === undefined ? [] : (Object.keys(profileFields) as FieldName[]).filter((name) => saved.split('.').includes(name))
  const body = html`<h1>${title}</h1>
${saved === undefined ? '' : html`<p class="good" role="status">${names.length > 0 ? say('profile_saved', { fields: named(visit, names) }) : say('profile_same')}</p>`}
<p>${missing.length === 0 ? say('profile_complete') : say('profile_missing', { percent: percentOf(profile), count: missing.length })}</p>
${fieldGroups.map((group) => {
  const label = visit.word('group', group)
  return html`<h2>${label}</h2>
<p class="soft">${say(`why_${group}`)}</p>
<dl>${fieldsOf(group).map((name) => html`<div><dt>${visit.word('field', name)}</dt><dd>${profile[name] === undefined ? html`<em>${say('profile_none')}</em>` : written(visit, name, profile[name])}</dd></div>\n`)}</dl>
${isClosed(group, profile) ? changeOf('bank') : html`<p><a href="/portal/profile/${group}">${say('profile_edit', { group: label })}</a></p>`}`
})}
<h2>${say('change_phone_heading')}</h2>
<p class="soft">${say('change_phone_why')}</p>
<p>${maskMsisdn(visit.me.msisdn)}</p>
${changeOf('phone')}
<h2>${say('schools_title')}</h2>
<p><a href="/portal/profile/schools">${say('schools_text')}</a></p>
<h2>${say('documents_title')}</h2>
<p><a href="/portal/documents">${say('documents_link')}</a></p>`
  return { title, body }
}

/** A value as a page shows it: of numbers the last four. */
function written(visit: Visit, name: FieldName, value: string | undefined): string {
  const chosen = CHOICES[name]
  if (chosen && value !== undefined) return optionOf(visit, name, value)
  return 'masked' in profileFields[name] ? shown(name, value) : (value ?? '').replaceAll(';', ', ')
}

const optionOf = (visit: Visit, name: FieldName, value: string): string =>
  CHOICES[name]?.words === 'key' ? visit.reader.say(`value_${value}`) : visit.word('qualification', value)

type Tried = { typed: Typed; doubts: Doubts; saved: readonly FieldName[] }
const named = (visit: Visit, names: readonly FieldName[]): string => names.map((name) => visit.word('field', name)).join(', ')

function groupPage(visit: Visit, group: Group, profile: Profile, tried?: Tried): Page {
  const { say } = visit.reader
  const title = visit.word('group', group)
  const body = html`<h1>${title}</h1>
${tried ? problem('profile', say('profile_not_saved', { fields: named(visit, Object.keys(tried.doubts) as FieldName[]) })) : ''}
${tried && tried.saved.length > 0 ? html`<p class="good" role="status">${say('profile_saved', { fields: named(visit, tried.saved) })}</p>` : ''}
<p>${say(`why_${group}`)}</p>
<form method="post">${visit.hidden}
${fieldsOf(group).map((name) => oneField(visit, name, profile[name], tried?.typed[name], tried?.doubts[name]))}
<button>${say('profile_save')}</button>
</form>
<p><a href="/portal/profile">${say('profile_back')}</a></p>`
  return { title, body }
}

/** One field of the profile as a form asks for it, with what was typed and what is doubtful about it. */
export function oneField(
  visit: Visit,
  name: FieldName,
  held: string | undefined,
  typed: string | undefined,
  doubt: Doubt | undefined,
): Html {
  const { say } = visit.reader
  const label = visit.word('field', name)
  const wrong = doubt && (doubt === 'wrong' ? visit.word('wrong', name) : say(`profile_${doubt}`))
  const options = CHOICES[name]
  if (options)
    return choice({ name, label, value: typed ?? held ?? '', wrong }, [
      { value: '', label: say('profile_choose') },
      ...options.values.map((value) => ({ value, label: optionOf(visit, name, value) })),
    ])
  const masked = 'masked' in profileFields[name]
  const hint = masked && held !== undefined ? say('profile_masked', { value: shown(name, held) }) : visit.word('prompt', name)
  const value = typed ?? (masked ? '' : (held ?? '').replaceAll(';', ', '))
  const sure = doubt !== undefined && doubt !== 'wrong' && doubt !== 'sim'
  return html`${field({ name, label, value, hint, wrong, more: raw(' autocomplete="off" maxlength="60"') })}
${sure ? html`<p class="check"><label><input type="checkbox" name="sure_${name}" value="1"> ${say('profile_sure')}</label></p>` : ''}`
}
