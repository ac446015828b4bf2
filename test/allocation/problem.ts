import type { Candidate, Problem } from '../../src/allocation/problem.ts'
import type { Position } from '../../src/base/distance.ts'
import type { Job } from '../../src/jobs/eligibility.ts'
import type { SeriesRules } from '../../src/jobs/rules.ts'

export type Place = { code: string; county: string; at: Position; places?: number; hosts?: string[] }
export type Person = { id: string; county: string; at: Position; barred?: string[]; reserve?: boolean }

/** A problem without a database: nobody is released yet, and everybody's workstation is on the map. */
export const problemOf = (
  places: readonly Place[],
  people: readonly Person[],
  rules: SeriesRules = { within: 'nation' },
): Problem => ({
  job: { code: 'J' } as Job,
  rules,
  rulesVersion: 1,
  needs: places.map(({ code, county, at, places = 1, hosts = [] }) => ({
    station: { centreCode: code, name: code, county, subCounty: county, ...at, candidates: 100 },
    at,
    places,
    hosts,
  })),
  candidates: people.map(
    ({ id, county, at, barred = [], reserve = false }): Candidate => ({
      ...{ id, county, at, barred, reserve, subCounty: county, surname: id, sure: true },
    }),
  ),
  kept: [],
  heads: new Map(),
  leftOut: { suspended: 0, unsuited: 0, busy: 0, answered: 0 },
  digest: '',
})
