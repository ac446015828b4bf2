import { expect, test } from 'vitest'
import { isDemonstrationNumber } from '../../src/base/demonstration.ts'
import { readMsisdn } from '../../src/base/msisdn.ts'
import { counties } from '../../src/demo/country.ts'
import { demo, tryThese } from '../../src/demo/demo.ts'
import { jobRow } from '../../src/jobs/job-row.ts'
import { stationRow } from '../../src/jobs/station.ts'
import { rollRow } from '../../src/people/roll.ts'
import { septets } from '../../src/text/gsm7.ts'

const made = demo('2026-11-23')
const distinct = (values: readonly string[]) => new Set(values).size

test('is a made-up national exam of the promised size', () => {
  expect(counties).toHaveLength(47)
  expect(distinct(made.stations.map((row) => row.county))).toBe(47)
  expect([made.stations.length, made.roll.length, made.jobs.length]).toEqual([200, 500, 12])
  expect(distinct(made.jobs.map((row) => row.role))).toBe(6)
  expect(made.deployments.length).toBe(25)
  expect(made.accounts.length).toBeGreaterThan(100)
  expect(distinct(made.applications.map(({ status }) => status))).toBeGreaterThanOrEqual(5)
})

test('every row is one that the importers take', () => {
  for (const row of made.roll) rollRow.parse(row)
  for (const row of made.stations) stationRow.parse(row)
  for (const row of made.jobs) jobRow.parse(row)
})

test('nothing stands twice', () => {
  for (const values of [
    made.roll.map((row) => row.national_id),
    made.roll.map((row) => row.phone),
    made.stations.map((row) => row.centre_code),
    made.jobs.map((row) => row.code),
  ])
    expect(distinct(values)).toBe(values.length)
})

test('every phone is a Kenyan mobile number of the demonstration block', () => {
  for (const { phone } of made.roll) {
    expect(readMsisdn(phone)).toBe(phone)
    expect(isDemonstrationNumber(phone)).toBe(true)
  }
  expect(isDemonstrationNumber('+254712345678')).toBe(false)
  expect(isDemonstrationNumber('+254700000000')).toBe(false)
})

test('everything named is there, and nobody is deployed to their own school', () => {
  const centres = new Set(made.stations.map((row) => row.centre_code))
  const codes = new Set(made.jobs.map((row) => row.code))
  const people = new Map(made.roll.map((row) => [row.national_id, row]))
  for (const row of made.roll) if (row.workstation_code) expect(centres).toContain(row.workstation_code)
  for (const row of made.deployments) {
    expect(centres).toContain(row.centre_code)
    expect(codes).toContain(row.job_code)
    expect(people.get(row.national_id)?.workstation_code).not.toBe(row.centre_code)
  }
  for (const { nationalId, jobCode } of made.applications)
    expect([people.has(nationalId), codes.has(jobCode)]).toEqual([true, true])
  for (const { nationalId } of made.accounts) expect(people.has(nationalId)).toBe(true)
})

test('titles fit a screen, and the same day gives the same rows', () => {
  for (const { title, title_sw } of made.jobs) for (const text of [title, title_sw]) expect(septets(text)).toBeLessThanOrEqual(32)
  expect(demo('2026-11-23')).toEqual(made)
  expect(tryThese.map(({ phone }) => phone)).toEqual(made.roll.slice(0, 3).map((row) => row.phone))
})
