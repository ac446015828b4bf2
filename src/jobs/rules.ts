import { eq } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { Scene } from '../action.ts'
import { once, type Read, type Tx } from '../store/store.ts'

const roles = z.enum(['supervisor', 'invigilator', 'examiner', 'practical_examiner', 'security', 'driver'])
const perRole = <T extends z.ZodType>(value: T) => z.partialRecord(roles, value)
const centre = z.string().regex(/^\d{8}$/, 'expected a centre code of 8 digits')
const kes = z.int().min(0).max(1_000_000)

/** The rules of one exam series: data beside its jobs (`wito import rules FILE`), never code. Each may be left out: then it does not hold. */
export const seriesRules = z.strictObject({
  // Who may serve.
  /** Teaching levels that may serve: primary, junior, secondary, college. */
  levels: z
    .array(z.enum(['primary', 'junior', 'secondary', 'college']))
    .min(1)
    .optional(),
  /** Roles for which the lowest qualification is higher than the job says. */
  min_qualification: perRole(z.enum(['certificate', 'diploma', 'degree', 'postgraduate'])).optional(),
  /** Roles whose job's subjects must be among the person's. Default: all that name subjects. */
  subject_roles: z.array(z.string()).optional(),
  /** Jobs, by code, that only women or only men do. */
  gender: z.record(z.string(), z.enum(['female', 'male'])).optional(),

  // Where.
  /** Not at a centre where one served within so many years. */
  years_since_served: z.int().min(0).max(20).optional(),
  /** Not at the person's own school. */
  not_own_school: z.boolean().optional(),
  /** Nobody is sent further than this from their workstation, as the crow flies. */
  furthest_km: z.number().min(1).max(2_000).optional(),
  /** How far a plan looks for people: in the station's own county, or everywhere once the counties have been served. */
  within: z.enum(['county', 'nation']).optional(),

  // How many.
  /** Candidates for one of a role: 200 for a supervisor, 20 (or 10) for an invigilator. */
  candidates_per: perRole(z.int().min(1)).optional(),
  /** So many of a role at each station, whatever its size. */
  per_centre: perRole(z.int().min(0).max(100)).optional(),
  /** A station with fewer candidates sits at the nearest that is large enough, and gets no supervisor. */
  hosting_below: z.int().min(0).optional(),
  /** Which station hosts which, where it is not the nearest: `"20401003": "20401001"`. */
  hosts: z.record(centre, centre).optional(),
  /** Examiners at each marking centre, by subject: `"47101001": { "mathematics": 120 }`. */
  marking: z.record(centre, z.record(z.string(), z.int().min(0))).optional(),
  /** A sub-county may nominate its need times this. */
  nominate_share: z.number().min(0).max(20).optional(),
  /** Nominations of a role by `County/Sub-county`, where it is not by need. */
  nominate: perRole(z.record(z.string(), z.int().min(0))).optional(),
  /** People on each sub-county's reserve list, as a part of its need. */
  reserve_share: z.number().min(0).max(5).optional(),

  // When.
  /** Days before the first day on which people meet for the rehearsal. */
  rehearsal_days_before: z.int().min(0).max(30).optional(),
  /** When to report, `HH:MM`. */
  report_at: z
    .string()
    .regex(/^\d{2}:\d{2}$/)
    .optional(),
  /** Days to answer a letter in; left out: until the reporting day. */
  answer_days: z.number().min(0.01).max(60).optional(),
  /** Hours that a reserve has to answer in. */
  reserve_hours: z.number().min(0.01).max(500).optional(),
  /** So many hours before the deadline whoever has not answered is reminded. */
  remind_hours: z.number().min(0).max(500).optional(),
  /** What no answer counts as when the deadline has passed; left out: nothing, the answer is still awaited. */
  silence: z.enum(['accept', 'decline']).optional(),
  /** Minutes after the hour to report at from which whoever checks in is late. */
  late_minutes: z.int().min(0).max(600).optional(),
  /** So many minutes after the hour to report at a head who has not marked everybody is reminded, once a day. */
  remind_heads_minutes: z.int().min(0).max(600).optional(),

  // Pay.
  /** Shillings a day, where they differ from what the job says. */
  rates: perRole(kes).optional(),
  /** Shillings once for a duty, by the distance from the workstation: the band with the highest `from_km` that is reached. */
  allowances: z.array(z.strictObject({ from_km: z.number().min(0), kes })).optional(),
  /** What is taken off: per cent of days times rate, or shillings. */
  deductions: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(40),
        percent: z.number().min(0).max(100).optional(),
        kes: kes.optional(),
      }),
    )
    .optional(),
  /** What a late day is worth, as a part of a day. Default 1. */
  late_day: z.number().min(0).max(1).optional(),
  /** Whether the day of the rehearsal is paid as any other. Default yes. */
  pay_rehearsal: z.boolean().optional(),
})

export type SeriesRules = z.infer<typeof seriesRules>

/** What holds for a series that nobody wrote rules for: the council's usual ones (field-facts). Their version is 0. */
export const usualRules: SeriesRules = {
  years_since_served: 3,
  not_own_school: true,
  candidates_per: { supervisor: 200, invigilator: 20 },
  hosting_below: 15,
  rehearsal_days_before: 3,
  report_at: '07:00',
  remind_heads_minutes: 15,
  reserve_share: 0.1,
  within: 'nation',
}

/** Rules and the number of their version. */
export type Versioned = { rules: SeriesRules; version: number }

export async function rulesOf(tx: Pick<Read, 'select' | 'series'>, exam: string): Promise<SeriesRules> {
  return (await versionedRules(tx, exam)).rules
}

export async function versionedRules(from: Pick<Read, 'select' | 'series'> | Tx, exam: string): Promise<Versioned> {
  const [row] =
    'connection' in from
      ? await inSeries(from, { exam })
      : await from.select().from(from.series).where(eq(from.series.exam, exam))
  return row ? { rules: parsed(row.rules), version: row.version } : { rules: usualRules, version: 0 }
}

const inSeries = once('series', (tx, hole: { exam: never }) =>
  tx.select({ rules: tx.series.rules, version: tx.series.version }).from(tx.series).where(eq(tx.series.exam, hole.exam)),
)

/** Checked once, however often they are read: by their own text, so that no version of another database can stand in. */
const checked = new LRUCache<string, SeriesRules>({ max: 100 })
function parsed(rules: unknown): SeriesRules {
  const text = JSON.stringify(rules)
  let known = checked.get(text)
  if (!known) {
    known = seriesRules.parse(rules)
    checked.set(text, known)
  }
  return known
}

/** Writes the next version of a series' rules, and keeps it for ever. Undefined where they are the same as they were. */
export async function writeRules(
  { tx, at, actor }: Pick<Scene, 'tx' | 'at' | 'actor'>,
  exam: string,
  rules: SeriesRules,
): Promise<number | undefined> {
  const [held] = await tx.select().from(tx.series).where(eq(tx.series.exam, exam))
  if (held && same(held.rules, rules)) return undefined
  await keepOld(tx, held)
  const version = (held?.version ?? 0) + 1
  const values = { rules, version, at }
  await tx
    .insert(tx.series)
    .values({ exam, ...values })
    .onConflictDoUpdate({ target: tx.series.exam, set: values })
  await tx.insert(tx.seriesVersions).values({ exam, version, rules, by: actor.name, at }).onConflictDoNothing()
  return version
}

/** Rules that were written before their versions were kept. */
async function keepOld(tx: Tx, held: Tx['series']['$inferSelect'] | undefined): Promise<void> {
  if (held)
    await tx
      .insert(tx.seriesVersions)
      .values({ ...held, by: 'operator' })
      .onConflictDoNothing()
}

/** PostgreSQL does not keep the order of the keys. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  )
}
