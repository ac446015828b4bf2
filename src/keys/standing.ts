import { and, count, eq, gt, gte, isNull, like, lt, max } from 'drizzle-orm'
import type { App } from '../app.ts'
import { nairobiDay } from '../base/dates.ts'
import type { Tables } from '../store/schema.ts'
import { SEALED } from './sealed.ts'

type Parts = Pick<App, 'store' | 'clock'>

/** In `facts`, before the id of a key: since when it is the newest, in milliseconds since 1970. */
export const NOTE = 'key:'

/** Every key that this database was written with, the oldest first, and when it was first seen. */
export async function notedKeys({ store: { read } }: Pick<App, 'store'>): Promise<{ id: string; since: number }[]> {
  const rows = await read
    .select()
    .from(read.facts)
    .where(like(read.facts.name, `${NOTE}%`))
  return rows.map(({ name, value }) => ({ id: name.slice(NOTE.length), since: Number(value) })).sort((a, b) => a.since - b.since)
}

/** What still needs a key: how many values it sealed, and until which day (in Nairobi) codes that it signed are good. */
export type Standing = { values: number; codesUntil: string | undefined }

/** Reads every sealed column: seconds at a million people. */
export async function standingOf(app: Parts, id: string): Promise<Standing> {
  const { read } = app.store
  let values = 0
  for (const { table, column } of SEALED) {
    const t = read[table] as unknown as Tables['facts'] & Record<string, Tables['facts']['value']>
    const text = t[column] as Tables['facts']['value']
    const [row] = await read
      .select({ n: count() })
      .from(t)
      .where(like(text, `v1.${id}.%`))
    values += Number(row?.n ?? 0)
  }
  return { values, codesUntil: await codesUntil(app, id) }
}

/** Links until they expire, codes printed on letters until the duty is over: those made before the next key was first seen. */
async function codesUntil(app: Parts, id: string): Promise<string | undefined> {
  const { read } = app.store
  const { links, letters, deployments, jobs } = read
  const noted = await notedKeys(app)
  const next = noted[noted.findIndex((key) => key.id === id) + 1]
  const before = next?.since ?? app.clock.now()
  const [link] = await read
    .select({ last: max(links.expiresAt) })
    .from(links)
    .where(and(lt(links.madeAt, before), gt(links.expiresAt, app.clock.now())))
  const [letter] = await read
    .select({ last: max(jobs.endsOn) })
    .from(letters)
    .innerJoin(deployments, eq(deployments.id, letters.deploymentId))
    .innerJoin(jobs, eq(jobs.code, deployments.jobCode))
    .where(and(lt(letters.issuedAt, before), isNull(letters.revokedAt), gte(jobs.endsOn, nairobiDay(app.clock.now()))))
  const days = [...(link?.last == null ? [] : [nairobiDay(Number(link.last))]), ...(letter?.last == null ? [] : [letter.last])]
  return days.sort().at(-1)
}
