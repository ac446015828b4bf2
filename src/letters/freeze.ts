import { and, eq, inArray } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { addDays, nairobiDay } from '../base/dates.ts'
import { seriesRules, usualRules, type Versioned } from '../jobs/rules.ts'
import type { Role } from '../store/schema.ts'
import { once, type Tx } from '../store/store.ts'
import { type LetterFacts, maskId } from './facts.ts'
import { type LetterWords, openLetterWords } from './words.ts'

const gather = once('letter_source', (tx, hole: { id: never }) =>
  tx
    .select({
      deployment: tx.deployments,
      person: tx.people,
      job: tx.jobs,
      station: tx.stations,
      rules: tx.series.rules,
      rulesVersion: tx.series.version,
      language: tx.subscribers.language,
    })
    .from(tx.deployments)
    .innerJoin(tx.people, eq(tx.people.id, tx.deployments.personId))
    .innerJoin(tx.jobs, eq(tx.jobs.code, tx.deployments.jobCode))
    .innerJoin(tx.stations, eq(tx.stations.centreCode, tx.deployments.centreCode))
    .leftJoin(tx.series, eq(tx.series.exam, tx.jobs.exam))
    .leftJoin(tx.subscribers, eq(tx.subscribers.msisdn, tx.people.msisdn))
    .where(eq(tx.deployments.id, hole.id)),
)

type Row = Awaited<ReturnType<typeof gather>>[number]
/** A deployment with everything that its letter speaks of, and the language that its holder chose. */
export type Source = Omit<Row, 'language'> & { language: NonNullable<Row['language']> }

export async function sourceOf(tx: Tx, deploymentId: string): Promise<Source | undefined> {
  const [source] = await gather(tx, { id: deploymentId })
  return source && { ...source, language: source.language ?? 'en' }
}

/** The rules of the series, with the number of their version. */
export const versionedFrom = ({ rules, rulesVersion }: Pick<Source, 'rules' | 'rulesVersion'>): Versioned =>
  rules === null ? { rules: usualRules, version: 0 } : { rules: seriesRules.parse(rules), version: rulesVersion ?? 0 }

const ABBREVIATIONS = {
  supervisor: 'SUP',
  invigilator: 'INV',
  examiner: 'EXM',
  practical_examiner: 'PEX',
  security: 'SEC',
  driver: 'DRV',
} satisfies Record<Role, string>

/** What a reference begins with, `KCSE/INV/2026`: exam, role and year. */
export function seriesOf({ job }: Pick<Source, 'job'>): string {
  const { exam, year } = examOf(job)
  return `${exam}/${ABBREVIATIONS[job.role]}/${year}`
}

/** The year is the exam's own where it has one (`KCSE2026`), else that of the first day. */
function examOf(job: Source['job']): { exam: string; year: number } {
  const [, exam = job.exam, year = job.startsOn.slice(0, 4)] = /^([A-Z]+)(\d{4})$/.exec(job.exam) ?? []
  return { exam, year: Number(year) }
}

type Numbered = { reference: string; version: number; verifyCode: string }

/** Everything that a letter says, as it stands in this unit. */
export async function freeze(scene: Scene, source: Source): Promise<(numbered: Numbered) => LetterFacts> {
  const { at, tools } = scene
  const { person, job, station, deployment, language } = source
  const { exam, year } = examOf(job)
  const { rules } = versionedFrom(source)
  const { town, tscNumber } = await ownWords(scene, source)
  const words = letterWords()
  return ({ reference, version, verifyCode }) => ({
    reference,
    version,
    issuedOn: nairobiDay(at),
    language,
    person: {
      name: person.fullName,
      idMasked: maskId(tools.keyring.open(`people.national_id:${person.id}`, person.nationalIdSealed)),
      ...(tscNumber ? { tscNumber } : {}),
      mobile: person.msisdn,
      ...(town ? { town } : {}),
    },
    through: `${tools.phrases.word('letter', 'director', language)}, ${person.homeSubCounty}`,
    job: {
      code: job.code,
      title: job.title,
      titleSw: job.titleSw,
      role: job.role,
      exam,
      examYear: year,
      dailyRateKes: job.dailyRateKes,
    },
    station: { centreCode: station.centreCode, name: station.name, county: station.county, subCounty: station.subCounty },
    ...(rules.rehearsal_days_before ? { rehearsalOn: addDays(job.startsOn, -rules.rehearsal_days_before) } : {}),
    reportOn: deployment.reportOn,
    reportAt: deployment.reportAt,
    startsOn: job.startsOn,
    endsOn: job.endsOn,
    duties: words.duties(job.role, language),
    terms: words.terms(language),
    verifyCode,
    verifyUrl: `${tools.publicUrl}/v/${verifyCode}`,
  })
}

/** What the roll leaves open is taken from what the person typed. */
async function ownWords(
  { tx, tools: { keyring } }: Scene,
  { person }: Source,
): Promise<{ town: string | undefined; tscNumber: string | undefined }> {
  const rows = await typed(tx, { personId: person.id })
  const profile = new Map(
    rows.map(({ field, valueSealed }) => [field, keyring.open(`profile_fields.${field}:${person.id}`, valueSealed)]),
  )
  const vetted =
    person.tscNumberSealed === null ? undefined : keyring.open(`people.tsc_number:${person.id}`, person.tscNumberSealed)
  const said = profile.get('tsc_number')
  return { town: profile.get('town'), tscNumber: vetted ?? (said === 'NONE' ? undefined : said) }
}

const typed = once('letter_words', (tx, hole: { personId: never }) =>
  tx
    .select({ field: tx.profileFields.field, valueSealed: tx.profileFields.valueSealed })
    .from(tx.profileFields)
    .where(and(eq(tx.profileFields.personId, hole.personId), inArray(tx.profileFields.field, ['town', 'tsc_number']))),
)

let opened: LetterWords | undefined
/** Read once, when the first letter is issued: a change in menus/ takes a restart, as everywhere. */
const letterWords = () => (opened ??= openLetterWords())
