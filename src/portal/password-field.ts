import { html, raw } from 'hono/html'
import type { Call } from '../web/face.ts'
import { field } from '../web/fields.ts'
import type { Sent } from '../web/form.ts'
import type { Html } from '../web/layout.ts'

/** A password on its way back to whoever typed it: in clear only while they ask for it. */
export type Secret = { value: string; shown: boolean }

/** What stands in a field of a form whose Show button was pressed. */
export const secretOf = (form: Sent, name = 'password'): Secret => ({ value: form.raw(name), shown: form.get('show') === '1' })

type PasswordField = {
  name: string
  label: string
  complete: 'current-password' | 'new-password'
  secret?: Secret | undefined
  wrong?: string | undefined
}

export function passwordField({ reader: { say } }: Call, { name, label, complete, secret, wrong }: PasswordField): Html {
  const type = secret?.shown ? 'text' : 'password'
  return field({
    name,
    label: say(label),
    value: secret?.value ?? '',
    wrong: wrong && say(wrong),
    ...(complete === 'new-password' ? { hint: say('password_hint') } : {}),
    more: raw(` type="${type}" autocomplete="${complete}" autocapitalize="none" spellcheck="false" required maxlength="200"`),
  })
}

/** Shows what was typed, and hides it again. */
export const showButton = ({ reader: { say } }: Call, secret: Secret | undefined): Html =>
  html`<button class="second" name="show" value="${secret?.shown ? '0' : '1'}" formnovalidate>${say(secret?.shown ? 'password_hide' : 'password_show')}</button>`
