import { eq, inArray } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../store/store.ts'

const number = (low: number, high: number, message: string) =>
  z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.coerce.number(message).min(low, message).max(high, message).optional(),
  )

/** One row of stations.csv. Centre code: county 2, sub-county 3, school 3 digits. */
export const stationRow = z.strictObject({
  centre_code: z.string().regex(/^\d{8}$/, 'expected 8 digits, e.g. 20401001'),
  name: z.string().trim().min(1, 'must not be empty').max(120, 'is too long'),
  county: z.string().trim().min(1, 'must not be empty'),
  sub_county: z.string().trim().min(1, 'must not be empty'),
  latitude: number(-5.5, 6, 'expected degrees in Kenya, e.g. -1.2921'),
  longitude: number(33, 42.5, 'expected degrees in Kenya, e.g. 36.8219'),
  candidates: z.coerce.number('expected a whole number').int('expected a whole number').min(0).max(100_000),
})
export type StationRow = z.infer<typeof stationRow>

/** Writes stations by their centre code; the same file twice changes nothing. */
export async function applyStations(
  tx: Tx,
  rows: readonly StationRow[],
): Promise<{ added: number; changed: number; same: number }> {
  const result = { added: 0, changed: 0, same: 0 }
  const { stations, deployments } = tx
  const held = new Map(
    (
      await tx
        .select()
        .from(stations)
        .where(
          inArray(
            stations.centreCode,
            rows.map((row) => row.centre_code),
          ),
        )
    ).map((row) => [row.centreCode, row]),
  )
  for (const row of rows) {
    const values = {
      centreCode: row.centre_code,
      name: row.name,
      county: row.county,
      subCounty: row.sub_county,
      latitude: row.latitude ?? null,
      longitude: row.longitude ?? null,
      candidates: row.candidates,
    }
    const before = held.get(row.centre_code)
    if (before && Object.entries(values).every(([name, value]) => before[name as keyof typeof before] === value)) {
      result.same++
      continue
    }
    await tx.insert(stations).values(values).onConflictDoUpdate({ target: stations.centreCode, set: values })
    if (before && before.county !== values.county)
      await tx.update(deployments).set({ county: values.county }).where(eq(deployments.centreCode, values.centreCode))
    result[before ? 'changed' : 'added']++
  }
  return result
}
