import { countiesOfRoll, type Group } from '../broadcasts/audience.ts'
import type { Draft } from '../broadcasts/draft.ts'
import { asTyped, MOST_SEGMENTS, measure } from '../broadcasts/text.ts'
import { APPLICATION_STATES, subCountiesOf } from '../jobs/overview.ts'
import type { DeploymentStatus } from '../store/schema.ts'
import type { Read } from '../store/store.ts'
import type { Sent } from '../web/form.ts'
import type { Visit } from './console.ts'
import { textFault } from './message-text.ts'

export const DEPLOYMENT_STATES = ['released', 'accepted', 'declined', 'revoked'] as const satisfies DeploymentStatus[]

const FIELDS = ['text_en', 'text_sw', 'county', 'sub_county', 'job', 'application', 'deployment', 'account', 'language'] as const
export type FieldName = (typeof FIELDS)[number]
/** What stands in the form. */
export type Typed = Record<FieldName, string>
/** What is wrong with each field, in words. */
export type Wrong = Partial<Typed>

export const typedOf = (form?: Sent): Typed =>
  Object.fromEntries(
    FIELDS.map((name) => [name, name.startsWith('text_') ? asTyped(form?.raw(name) ?? '') : (form?.get(name) ?? '')]),
  ) as Typed

export const typedFrom = ({ texts, group }: Draft): Typed => ({
  text_en: texts.en,
  text_sw: texts.sw,
  county: group.county ?? '',
  sub_county: group.subCounty ?? '',
  job: group.job ?? '',
  application: group.application ?? '',
  deployment: group.deployment ?? '',
  account: group.account ?? '',
  language: group.language ?? '',
})

/** The counties that an officer may write to. */
export const countiesFor = (read: Read, { me }: Visit): Promise<readonly string[]> =>
  me.counties.length > 0 ? Promise.resolve(me.counties) : countiesOfRoll(read)

/** Reads the form: a draft, or what to mend. An officer of some counties writes to one of them at a time. */
export async function checkBroadcast(read: Read, visit: Visit, typed: Typed): Promise<{ wrong: Wrong; draft?: Draft }> {
  const { say } = visit.reader
  const wrong: Wrong = {}
  for (const name of ['text_en', 'text_sw'] as const) {
    const fault = textFault(visit, measure(typed[name], MOST_SEGMENTS))
    if (fault !== undefined) wrong[name] = fault
  }
  const county = (await countiesFor(read, visit)).find((each) => each === typed.county)
  if (county === undefined && (typed.county !== '' || visit.me.counties.length > 0)) wrong.county = say('cast_county_wrong')
  const subCounty = await subCountyOf(read, county, typed.sub_county)
  if (typed.sub_county !== '' && subCounty === undefined)
    wrong.sub_county = county === undefined ? say('cast_sub_county_alone') : say('cast_sub_county_wrong', { county })
  const group: Group = {
    county,
    subCounty,
    job: typed.job || undefined,
    application: APPLICATION_STATES.find((each) => each === typed.application),
    deployment: DEPLOYMENT_STATES.find((each) => each === typed.deployment),
    account: (['yes', 'no'] as const).find((each) => each === typed.account),
    language: (['en', 'sw'] as const).find((each) => each === typed.language),
  }
  if (Object.keys(wrong).length > 0) return { wrong }
  return { wrong, draft: { texts: { en: typed.text_en, sw: typed.text_sw }, group } }
}

/** As it is written on the roll, however its letters were typed. */
async function subCountyOf(read: Read, county: string | undefined, typed: string): Promise<string | undefined> {
  if (county === undefined || typed === '') return undefined
  return (await subCountiesOf(read, county)).find((each) => each.toLowerCase() === typed.toLowerCase())
}
