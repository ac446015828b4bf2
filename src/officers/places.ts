import { and, eq, inArray } from 'drizzle-orm'
import type { Read } from '../store/store.ts'

type Places = { counties: readonly string[]; subCounties: readonly string[] }

/**
 * The first county and sub-county in which there is neither a station nor anybody of the roll: mistyped, an officer of it would see
 * nothing at all. While there are no stations and no roll, every name is taken.
 */
export async function unknownPlaces(
  read: Read,
  { counties, subCounties }: Places,
): Promise<{ county?: string; subCounty?: string }> {
  const { people, stations } = read
  const anyPlace = async (ofPeople?: ReturnType<typeof and>, ofStations?: ReturnType<typeof and>) => {
    const [station] = await read.select({ at: stations.county }).from(stations).where(ofStations).limit(1)
    if (station) return true
    const [person] = await read.select({ at: people.homeCounty }).from(people).where(ofPeople).limit(1)
    return person !== undefined
  }
  if (!(await anyPlace())) return {}
  for (const county of counties)
    if (!(await anyPlace(eq(people.homeCounty, county), eq(stations.county, county)))) return { county }
  for (const subCounty of subCounties) {
    const ofPeople = and(inArray(people.homeCounty, [...counties]), eq(people.homeSubCounty, subCounty))
    const ofStations = and(inArray(stations.county, [...counties]), eq(stations.subCounty, subCounty))
    if (!(await anyPlace(ofPeople, ofStations))) return { subCounty }
  }
  return {}
}
