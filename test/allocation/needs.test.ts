import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { metresBetween, onBall } from '../../src/base/distance.ts'
import { hostsOf, positionsOf, type Station } from '../../src/jobs/hosting.ts'
import { needsOf } from '../../src/jobs/needs.ts'
import { type SeriesRules, usualRules } from '../../src/jobs/rules.ts'

const station = (code: string, candidates: number, at: [number, number] | null = [0, 37], county = 'Kilele'): Station => ({
  centreCode: code,
  name: code,
  county,
  subCounty: 'Mto',
  latitude: at?.[0] ?? null,
  longitude: at?.[1] ?? null,
  candidates,
})
const job = (
  role: 'supervisor' | 'invigilator' | 'examiner' | 'security' | 'driver',
  more: { county?: string; subjects?: string[] } = {},
) => ({
  role,
  county: more.county ?? null,
  subjects: more.subjects ?? [],
})
const places = (stations: Station[], rules: SeriesRules, of: ReturnType<typeof job>) => {
  const found = needsOf(stations, rules, of)
  if (found.refused) return found.refused
  return Object.fromEntries(found.needs.map((need) => [need.station.centreCode, need.places]))
}

describe('needs', () => {
  test.each([
    [1, 1, 1],
    [20, 1, 1],
    [21, 2, 1],
    [200, 10, 1],
    [201, 11, 2],
    [400, 20, 2],
    [1_000, 50, 5],
  ])('%i candidates take %i invigilators and %i supervisors', (candidates, invigilators, supervisors) => {
    const rules = { ...usualRules, hosting_below: 0 }
    expect(places([station('10101001', candidates)], rules, job('invigilator'))).toEqual({ '10101001': invigilators })
    expect(places([station('10101001', candidates)], rules, job('supervisor'))).toEqual({ '10101001': supervisors })
  })

  test('one in ten where the rules of the exam say so', () => {
    const rules = { candidates_per: { invigilator: 10 } }
    expect(places([station('10101001', 41)], rules, job('invigilator'))).toEqual({ '10101001': 5 })
  })

  test('a small centre sits at the nearest that is large enough: it has no supervisor, its invigilators are counted by themselves and work there', () => {
    const all = [
      station('10101001', 100, [0, 37]),
      station('10101002', 100, [0, 38]),
      station('10101003', 14, [0, 37.9]),
      station('10101004', 3, [0, 37.8]),
    ]
    expect(Object.fromEntries(hostsOf(all, usualRules))).toEqual({ '10101003': '10101002', '10101004': '10101002' })
    expect(places(all, usualRules, job('invigilator'))).toEqual({ '10101001': 5, '10101002': 5 + 1 + 1 })
    expect(places(all, usualRules, job('supervisor'))).toEqual({ '10101001': 1, '10101002': 1 })
    const said = { ...usualRules, hosts: { '10101003': '10101001', '10101004': '99999999' } }
    expect(Object.fromEntries(hostsOf(all, said))).toEqual({ '10101003': '10101001', '10101004': '10101002' })
    expect(places(all, { ...usualRules, hosting_below: 30 }, job('invigilator'))).toEqual({ '10101001': 5, '10101002': 7 })
  })

  test('so many a station, of one county, and examiners by subject at marking centres', () => {
    const all = [station('10101001', 100), station('20101001', 100, [1, 37], 'Bonde'), station('10101009', 0)]
    expect(places(all, { per_centre: { security: 2 } }, job('security'))).toEqual({ '10101001': 2, '20101001': 2 })
    expect(places(all, { per_centre: { security: 2 } }, job('security', { county: 'bonde' }))).toEqual({ '20101001': 2 })
    const marking = { '10101009': { mathematics: 120, physics: 40 }, '20101001': { mathematics: 60 } }
    expect(places(all, { marking }, job('examiner', { subjects: ['mathematics'] }))).toEqual({ '10101009': 120, '20101001': 60 })
    expect(places(all, { marking }, job('examiner', { subjects: ['physics'] }))).toEqual({ '10101009': 40 })
  })

  test('a marker’s job names one subject: whoever knows one of several would fill a place of another', () => {
    const marking = { '10101009': { mathematics: 120, physics: 40 } }
    const all = [station('10101009', 0)]
    expect(places(all, { marking }, job('examiner', { subjects: ['mathematics', 'physics'] }))).toBe('one_subject')
    expect(places(all, { marking }, job('examiner'))).toBe('one_subject')
    expect(places(all, { marking }, job('examiner', { subjects: ['history'] }))).toEqual({})
    const rules = { candidates_per: { examiner: 100 } }
    expect(places([station('10101001', 100)], rules, job('examiner', { subjects: ['art', 'music'] }))).toEqual({ '10101001': 1 })
  })

  test('nobody is needed where there is nobody, and the rules must say how many', () => {
    expect(places([station('10101001', 0)], usualRules, job('invigilator'))).toEqual({})
    expect(places([station('10101001', 100)], {}, job('invigilator'))).toBe('no_rule')
    expect(places([station('10101001', 100)], usualRules, job('driver'))).toBe('no_rule')
  })

  test('the host is the nearest of all, wherever they stand', () => {
    const at = fc.tuple(fc.double({ min: -4, max: 4, noNaN: true }), fc.double({ min: 34, max: 41, noNaN: true }))
    fc.assert(
      fc.property(fc.array(fc.tuple(at, fc.constantFrom(3, 100)), { minLength: 1, maxLength: 40 }), (spots) => {
        const all = spots.map(([where, candidates], n) => station(String(10_101_000 + n), candidates, where))
        const hosts = hostsOf(all, usualRules)
        const large = all.filter(({ candidates }) => candidates >= 15)
        const positions = positionsOf(all)
        for (const small of all.filter(({ candidates }) => candidates < 15)) {
          const ways = large.map((each) => metresBetween(onBall([positions(small)]), 0, onBall([positions(each)]), 0))
          const host = large.find(({ centreCode }) => centreCode === hosts.get(small.centreCode))
          if (large.length === 0) expect(host).toBeUndefined()
          else
            expect(metresBetween(onBall([positions(small)]), 0, onBall([positions(host as Station)]), 0)).toBe(Math.min(...ways))
        }
        for (const code of hosts.keys()) expect(all.find(({ centreCode }) => centreCode === code)?.candidates).toBe(3)
      }),
    )
  })

  test('a station without coordinates stands in the middle of its sub-county', () => {
    const all = [station('10101001', 100, [0, 36]), station('10101002', 100, [2, 38]), station('10101003', 100, null)]
    expect(positionsOf(all)(all[2] as Station)).toEqual({ latitude: 1, longitude: 37 })
  })
})
