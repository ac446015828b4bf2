import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, refused, type Scene, type Vars } from '../action.ts'
import { holderOf } from './holder.ts'
import {
  type FieldName,
  fieldGroups,
  fieldsOf,
  isFieldName,
  missingOf,
  type Profile,
  percentOf,
  profileFields,
  readProfile,
  sameName,
  shown,
  writeField,
} from './profile-fields.ts'
import { simHold } from './sim-swap.ts'

const field = z.string().refine(isFieldName, 'a field of the profile')

/** How much is complete, what is missing, and the groups with their own counts. */
export const profileOpen = action({
  who: 'pin',
  input: z.object({}),
  refusals: [],
  gives: ['percent', 'incomplete', 'group', 'filled', 'of', 'alerts_on'],
  reads: true,
  async apply(scene) {
    const { person, account } = await holderOf(scene)
    const profile = await readProfile(scene, person.id)
    const missing = missingOf(profile)
    const items = fieldGroups.map((group) => {
      const fields = fieldsOf(group)
      return { group, filled: String(fields.filter((name) => profile[name] !== undefined).length), of: String(fields.length) }
    })
    return done({ items, percent: percentOf(profile), incomplete: missing.length > 0, alerts_on: account.alerts })
  },
})

/** The fields of one group with what is held. */
export const profileGroup = action({
  who: 'pin',
  input: z.object({ group: z.string() }),
  refusals: [],
  gives: ['field', 'value'],
  reads: true,
  async apply(scene, { group }) {
    const { person } = await holderOf(scene)
    const profile = await readProfile(scene, person.id)
    return done({ items: fieldsOf(group).map((name) => ({ field: name, value: shown(name, profile[name]) })) })
  },
})

/** The next field that is missing: in the group first, else anywhere. */
export const profileNext = action({
  who: 'pin',
  input: z.object({ group: z.string().optional() }),
  refusals: ['group_complete', 'complete'],
  gives: ['field', 'group', 'percent'],
  reads: true,
  async apply(scene, { group }) {
    const { person } = await holderOf(scene)
    const profile = await readProfile(scene, person.id)
    const missing = missingOf(profile)
    const percent = percentOf(profile)
    const next = missing.find((name) => profileFields[name].group === group) ?? (group === undefined ? missing[0] : undefined)
    if (next) return done({ field: next, group: profileFields[next].group, percent })
    return refused(missing.length === 0 ? 'complete' : 'group_complete', { percent })
  },
})

/** Saves one field by itself. `odd` writes nothing: the value is unusual and saved only when the person is `sure`. */
export const profileSave = action<{ field: FieldName; value: string; sure?: boolean | undefined }>({
  who: 'pin',
  input: z.object({ field, value: z.string(), sure: z.boolean().optional() }) as z.ZodType<{
    field: FieldName
    value: string
    sure?: boolean | undefined
  }>,
  refusals: ['wrong', 'odd', 'name_differs', 'unknown_station', 'guarded', 'sim'],
  gives: ['field', 'group', 'percent'],
  async apply(scene, { field: name, value, sure }) {
    const { person, msisdn } = await holderOf(scene)
    const definition = profileFields[name]
    const read = definition.format.read(value)
    if (read === undefined) return refused('wrong', { field: name })
    if (definition.group === 'bank' && isGuarded(await readProfile(scene, person.id))) return refused('guarded', { field: name })
    if (definition.group === 'bank' && (await simHold(scene.tx, msisdn, scene.at))) return refused('sim', { field: name })
    if (!sure) {
      const doubt = await doubtAbout(scene, name, read, person.fullName)
      if (doubt) return refused(doubt, { field: name })
    }
    await writeField(scene, person.id, name, read)
    const profile = await readProfile(scene, person.id)
    return done({ field: name, group: definition.group, percent: percentOf(profile) })
  },
})

/**
 * A bank account that is complete changes as a whole, and not by a PIN alone: by a code, an officer's yes and three days, see
 * people/changes.ts.
 */
export const isGuarded = (profile: Profile): boolean => fieldsOf('bank').every((name) => profile[name] !== undefined)

/** Why a value that fits is asked about once more. */
export type Doubt = 'odd' | 'name_differs' | 'unknown_station'

/** Names that differ are the council's first reason for not paying: said now, not after. */
export async function doubtAbout({ tx }: Scene, name: FieldName, value: string, fullName: string): Promise<Doubt | undefined> {
  const definition = profileFields[name]
  if ('usual' in definition && !definition.usual.test(value)) return 'odd'
  if (name === 'account_name' && !sameName(value, fullName)) return 'name_differs'
  if (name !== 'workstation_code') return undefined
  const known = await tx.select({ code: tx.stations.centreCode }).from(tx.stations).where(eq(tx.stations.centreCode, value))
  return known.length === 0 ? 'unknown_station' : undefined
}

/** Whether this person is told of jobs that close soon. */
export const alertsSet = action({
  who: 'account',
  input: z.object({ on: z.boolean() }),
  refusals: [],
  gives: ['alerts_on'],
  async apply(scene, { on }) {
    const { person } = await holderOf(scene)
    await scene.tx.update(scene.tx.accounts).set({ alerts: on }).where(eq(scene.tx.accounts.personId, person.id))
    return done({ alerts_on: on })
  },
})

/** What still keeps a person from applying: how many fields, and the first few by name. */
export function missingVars(missing: readonly FieldName[]): Vars {
  return { missing: missing.slice(0, 3), missing_count: missing.length }
}
