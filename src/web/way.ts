import type { Sent } from './form.ts'
import type { Typed } from './held.ts'
import { hiddenFields } from './held-page.ts'
import type { Html } from './layout.ts'

/** Where a login leads: carried through its steps as hidden fields. */
export type Way = { next?: string | undefined; held?: string | undefined }

export const wayOf = (form: Sent): Way => ({ next: form.get('next') || undefined, held: form.raw('held') || undefined })
export const wayPairs = (way: Way): Typed['fields'] =>
  (['next', 'held'] as const).flatMap((name): Typed['fields'] => (way[name] ? [[name, way[name]]] : []))
export const wayFields = (way: Way): Html => hiddenFields({ fields: wayPairs(way) })
