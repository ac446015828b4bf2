import type { Actor } from '../action.ts'
import type { Msisdn } from '../base/msisdn.ts'
import type { Owner } from '../people/changes.ts'
import type { Tx } from '../store/store.ts'
import type { Visit as FaceVisit } from '../web/face.ts'

/** Whoever is logged in: their row of the roll, and the number of their account. */
export type Me = { person: Tx['people']['$inferSelect']; account: Tx['accounts']['$inferSelect']; msisdn: Msisdn }
export type Visit = FaceVisit<Me>
export const actorOf = ({ me, reader }: Visit): Actor => ({
  via: 'web',
  name: `person:${me.person.id}`,
  msisdn: me.msisdn,
  signed: true,
  language: reader.language,
})
/** Whose bank account or number it is that they ask to change. */
export const ownerOf = ({ me: { person, msisdn } }: Visit): Owner => ({ id: person.id, msisdn, county: person.homeCounty })
