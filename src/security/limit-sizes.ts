import { DAY, HOUR, MINUTE } from '../base/dates.ts'

/** How many in how long. */
export type Limit = Readonly<{ most: number; windowMs: number }>

// Every limit of the service stands here. They are for machines: no person, no school behind one address and no range of numbers
// on the day that letters go out should ever meet one.

/** USSD steps. A hand manages some 30 a minute; the rest is room for repeats by the gateway and for scripts. */
export const HOPS_OF_NUMBER = 600
/** A range holds 100,000 numbers; one that goes mad must leave room for all others. */
export const HOPS_OF_PREFIX = 120_000
/** What one machine can answer, and no more than that. */
export const HOPS_IN_ALL = 600_000

/** Forms from one address: a mobile operator puts thousands of phones behind one. */
export const FORMS: Limit = { most: 1_200, windowMs: MINUTE }

/** What people ask for by SMS, and passwords and codes: whoever earns by messages to a range of numbers must not earn here. */
export const SMS_OF_NUMBER: Limit = { most: 100, windowMs: DAY }
export const SMS_OF_PREFIX: Limit = { most: 20_000, windowMs: DAY }
export const SMS_IN_ALL: Limit = { most: 1_000_000, windowMs: DAY }

/** An unknown word is answered so often and no more: two machines must not talk to each other for ever. */
export const HELPS: Limit = { most: 2, windowMs: HOUR }
/** No person needs more; a machine whose every text begins with a keyword is left without an answer. */
export const REPLIES: Limit = { most: 20, windowMs: HOUR }

export const REGISTRATIONS: Limit = { most: 5, windowMs: HOUR }
export const PASSWORDS: readonly Limit[] = [
  { most: 3, windowMs: HOUR },
  { most: 6, windowMs: DAY },
]
export const CODES: readonly Limit[] = [
  { most: 5, windowMs: HOUR },
  { most: 12, windowMs: DAY },
]
export const LETTERS_AGAIN: readonly Limit[] = [
  { most: 3, windowMs: HOUR },
  { most: 6, windowMs: DAY },
]
