import { html, raw } from 'hono/html'
import { readMsisdn } from '../base/msisdn.ts'
import { beginChange, type ChangeKind, cancelChange, openChanges, type Wanted } from '../people/changes.ts'
import { formats } from '../people/formats.ts'
import { doubtAbout } from '../people/profile.ts'
import { fieldsOf, type Profile, profileFields, readProfile } from '../people/profile-fields.ts'
import { field, problem } from '../web/fields.ts'
import type { Sent } from '../web/form.ts'
import type { Html, Page } from '../web/layout.ts'
import { codePage, confirmPages, kindOf } from './change-codes.ts'
import { changeWaits } from './change-waits.ts'
import type { Portal } from './portal.ts'
import { type Doubts, isClosed, oneField, type Typed } from './profile.ts'
import { actorOf, ownerOf, type Visit } from './visit.ts'

/** What was typed, and the sentence that says what is wrong with it. */
type Tried = { typed: Typed & { phone?: string }; doubts?: Doubts; phone?: string; pin?: string; whole?: string }

/** `/portal/change/…`: another bank account or phone number, guarded by PIN, code, 72 hours and an officer. */
export function changePages(portal: Portal): void {
  const { face, app, within, perform } = portal
  const profileOf = (visit: Visit) => within(visit, (scene) => readProfile(scene, visit.me.person.id))

  face.page('/change/:kind', 'in', async (visit) => showStart(visit, await begun(visit)))

  face.form('/change/:kind', 'in', async (visit, form) => {
    const { kind, profile, open } = await begun(visit)
    if (open) return visit.go(`/portal/change/${kind}`, 'change_open')
    const read = kind === 'bank' ? await bankOf(visit, form, profile) : phoneOf(visit, form)
    if ('typed' in read) return showStart(visit, { kind, profile, open }, read)
    const typed = kind === 'bank' ? typedIn(form) : { phone: form.get('phone') }
    const pin = await pinFault(visit, form.get('pin'))
    if (pin !== undefined) return showStart(visit, { kind, profile, open }, { typed, pin })
    const asked = await beginChange(app, actorOf(visit), ownerOf(visit), read)
    if ('refused' in asked) return showStart(visit, { kind, profile, open }, { typed, whole: 'change_codes_many' })
    visit.show(codePage(app, visit, asked.ticket))
  })

  face.form('/change/:kind/cancel', 'in', async (visit) => {
    const cancelled = await cancelChange(app, actorOf(visit), ownerOf(visit), kindOf(visit))
    visit.go('/portal/profile', cancelled ? 'change_cancelled' : 'change_late')
  })

  confirmPages(portal)

  async function begun(visit: Visit) {
    const kind = kindOf(visit)
    const profile = await profileOf(visit)
    // An account that is not complete yet is simply filled in.
    if (kind === 'bank' && !isClosed('bank', profile)) return visit.ctx.throw(404)
    const open = (await openChanges(app.store.read, visit.me.person.id)).find((each) => each.kind === kind)
    return { kind, profile, open }
  }

  function showStart(visit: Visit, { kind, profile, open }: Awaited<ReturnType<typeof begun>>, tried?: Tried) {
    const { say } = visit.reader
    const title = say(`change_${kind}_title`)
    const main = open
      ? changeWaits(visit, open)
      : visit.me.account.pinHash === null
        ? html`<p class="next">${say('change_needs_pin', { code: app.config.serviceCode })}</p>`
        : startForm(visit, kind, profile, tried)
    const body = html`<h1>${title}</h1>
${main}
<p><a href="/portal/profile">${say('profile_back')}</a></p>`
    visit.show({ title, body } satisfies Page, tried ? 422 : 200)
  }

  /** All four fields, each checked as the profile checks it. */
  async function bankOf(visit: Visit, form: Sent, profile: Profile): Promise<Wanted | Tried> {
    const typed = typedIn(form)
    const doubts: Doubts = {}
    const input: Profile = {}
    await within(visit, async (scene) => {
      for (const name of fieldsOf('bank')) {
        const value = profileFields[name].format.read(typed[name] ?? '')
        if (value === undefined) doubts[name] = 'wrong'
        else {
          input[name] = value
          const doubt =
            form.get(`sure_${name}`) === '1' ? undefined : await doubtAbout(scene, name, value, visit.me.person.fullName)
          if (doubt) doubts[name] = doubt
        }
      }
    })
    if (Object.keys(doubts).length > 0) return { typed, doubts }
    if (fieldsOf('bank').every((name) => input[name] === profile[name])) return { typed, whole: 'change_bank_same' }
    return { kind: 'bank', input }
  }

  function phoneOf({ me }: Visit, form: Sent): Wanted | Tried {
    const typed = { phone: form.get('phone') }
    const to = readMsisdn(typed.phone)
    if (to === undefined) return { typed, phone: 'change_phone_wrong' }
    return to === me.msisdn ? { typed, phone: 'change_phone_same' } : { kind: 'phone', input: { to } }
  }

  /** Counted and locked as by phone. Undefined where the PIN was right. */
  async function pinFault(visit: Visit, typed: string): Promise<string | undefined> {
    const { say } = visit.reader
    const pin = formats.pin.read(typed)
    if (pin === undefined) return say('change_pin_format')
    const outcome = await perform(visit, 'pin.check', { pin })
    if (outcome.refused === undefined) return undefined
    return outcome.refused === 'wrong'
      ? say('change_pin_wrong', { count: Number(outcome.vars?.tries_left ?? 0) })
      : say(`change_pin_${outcome.refused}`)
  }
}

const typedIn = (form: Sent): Typed => Object.fromEntries(fieldsOf('bank').map((name) => [name, form.get(name)]))

function startForm(visit: Visit, kind: ChangeKind, profile: Profile, tried: Tried | undefined): Html {
  const { say } = visit.reader
  const fields =
    kind === 'bank'
      ? fieldsOf('bank').map((name) => {
          const masked = 'masked' in profileFields[name]
          return oneField(visit, name, masked ? undefined : profile[name], tried?.typed[name], tried?.doubts?.[name])
        })
      : field({
          name: 'phone',
          label: say('change_phone_label'),
          value: tried?.typed.phone ?? '',
          hint: say('change_phone_hint'),
          wrong: tried?.phone && say(tried.phone),
          more: raw(' type="tel" autocomplete="off" required maxlength="20"'),
        })
  return html`${tried ? problem('change', say(tried.whole ?? 'change_not_sent')) : ''}
<p>${say('change_how')}</p>
${kind === 'bank' ? html`<p>${say('change_bank_all')}</p>` : ''}
<form method="post">${visit.hidden}
${fields}
${field({
  name: 'pin',
  label: say('change_pin'),
  value: '',
  hint: say('change_pin_hint'),
  wrong: tried?.pin,
  more: raw(' type="password" inputmode="numeric" autocomplete="off" required maxlength="6"'),
})}
<button>${say(kind === 'bank' ? 'change_next' : 'change_next_both')}</button>
</form>`
}
