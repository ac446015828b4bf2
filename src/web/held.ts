import type { App } from '../app.ts'
import { HOUR } from '../base/dates.ts'
import type { FaceName } from '../security/web-sessions.ts'

/** What somebody had typed into which form of ours; never a password, a PIN or a code. */
export type Typed = { path: string; fields: [name: string, value: string][] }
/** The same over a login. `by`: the mark of whoever our page was made for, which only that page carries. */
export type Held = Typed & { by: string }

const KEPT_MS = 2 * HOUR
const place = (face: FaceName) => `held-form:${face}`

/** Seals a filled form into one text that the login page carries along as a hidden field. */
export function holdForm({ keyring, clock }: Pick<App, 'keyring' | 'clock'>, face: FaceName, held: Held): string {
  return keyring.seal(place(face), JSON.stringify({ ...held, at: clock.now() }))
}

/** The form again; undefined where the text is not ours, is of another face, or too old. */
export function openHeld({ keyring, clock }: Pick<App, 'keyring' | 'clock'>, face: FaceName, sealed: string): Held | undefined {
  try {
    const { at, ...held } = JSON.parse(keyring.open(place(face), sealed)) as Held & { at: number }
    return clock.now() - at < KEPT_MS ? held : undefined
  } catch {
    // Altered, or sealed by nobody we know: the same as nothing held.
    return undefined
  }
}
