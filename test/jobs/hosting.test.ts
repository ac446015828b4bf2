import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostOf, hostsOf, positionsFor, positionsOf, type Station } from '../../src/jobs/hosting.ts'
import { type SeriesRules, usualRules } from '../../src/jobs/rules.ts'
import { buildTown, onBothEngines } from '../letters/kit.ts'

/** Some stand in towns, some nowhere on the map, and of one county nobody knows where it is. */
const station = fc.record({
  latitude: fc.option(fc.double({ min: -4, max: 4, noNaN: true }), { freq: 8 }),
  longitude: fc.double({ min: 34, max: 41, noNaN: true }),
  county: fc.constantFrom('Kilele', 'Bonde', 'Nowhere'),
  subCounty: fc.constantFrom('Mto', 'Ziwa'),
  candidates: fc.constantFrom(0, 3, 14, 15, 100),
})

onBothEngines(() => {
  test('the host of one station, asked inside a unit, is the same as in a plan of all', async () => {
    const town = await buildTown()
    await fc.assert(
      fc.asyncProperty(fc.array(station, { minLength: 1, maxLength: 60 }), async (made) => {
        const stations = made.map(({ latitude, longitude, county, ...rest }, n): Station => {
          const isKnown = latitude !== null && county !== 'Nowhere'
          const code = String(10_101_000 + n)
          return {
            ...{ ...rest, county, centreCode: code, name: code },
            ...{ latitude: isKnown ? latitude : null, longitude: isKnown ? longitude : null },
          }
        })
        const rules: SeriesRules = { ...usualRules, hosts: { '10101000': '10101001', '10101002': '99999999' } }
        await town.work(async (tx) => {
          await tx.delete(tx.stations)
          await tx.insert(tx.stations).values(stations)
          const hosts = hostsOf(
            stations.filter(({ candidates }) => candidates > 0),
            rules,
            positionsOf(stations),
          )
          for (const each of stations) {
            expect(await hostOf(tx, rules, each)).toBe(hosts.get(each.centreCode))
            expect((await positionsFor(tx, [each]))(each)).toEqual(positionsOf(stations)(each))
          }
        })
      }),
      { numRuns: 15 },
    )
  }, 120_000)
})
