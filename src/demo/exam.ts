import { addDays } from '../base/dates.ts'
import type { RollRow, StationRow } from './people.ts'

export type JobRow = Record<
  | 'code'
  | 'title'
  | 'title_sw'
  | 'exam'
  | 'role'
  | 'opens_on'
  | 'closes_on'
  | 'starts_on'
  | 'ends_on'
  | 'min_qualification'
  | 'subjects'
  | 'county'
  | 'places'
  | 'daily_rate_kes',
  string
>
export type DeploymentRow = Record<'job_code' | 'national_id' | 'centre_code' | 'report_on' | 'report_at', string>

/** Twelve jobs in six roles. Windows are counted from `today`: most are open, one has closed, one opens later. Rates of invigilators and supervisors: field-facts. */
export function makeJobs(today: string): JobRow[] {
  const year = addDays(today, 60).slice(0, 4)
  const job = (
    code: string,
    role: string,
    title: string,
    title_sw: string,
    rate: number,
    more: Partial<Record<keyof JobRow, string>> = {},
  ): JobRow => ({
    code,
    title,
    title_sw,
    exam: `KCSE${year}`,
    role,
    opens_on: addDays(today, -20),
    closes_on: addDays(today, 25),
    starts_on: addDays(today, 60),
    ends_on: addDays(today, 75),
    min_qualification: '',
    subjects: '',
    county: '',
    places: '',
    daily_rate_kes: String(rate),
    ...more,
  })
  const y = year.slice(2)
  const marking = { starts_on: addDays(today, 90), ends_on: addDays(today, 108), min_qualification: 'degree' }
  return [
    job(`KCSE${y}INV`, 'invigilator', 'KCSE Invigilator', 'Msimamizi wa KCSE', 550, { places: '400' }),
    job(`KCSE${y}SUP`, 'supervisor', 'KCSE Supervisor', 'Msimamizi Mkuu wa KCSE', 680, {
      min_qualification: 'diploma',
      places: '60',
      closes_on: addDays(today, 3),
    }),
    job(`KCSE${y}EXM-MAT`, 'examiner', 'KCSE Mathematics Examiner', 'Mtahini wa Hisabati KCSE', 1200, {
      ...marking,
      subjects: 'mathematics',
    }),
    job(`KCSE${y}EXM-ENG`, 'examiner', 'KCSE English Examiner', 'Mtahini wa Kiingereza KCSE', 1200, {
      ...marking,
      subjects: 'english',
    }),
    job(`KCSE${y}EXM-BIO`, 'examiner', 'KCSE Biology Examiner', 'Mtahini wa Biolojia KCSE', 1200, {
      ...marking,
      subjects: 'biology',
    }),
    job(`KCSE${y}PEX-CHE`, 'practical_examiner', 'KCSE Chemistry Practicals', 'Mtahini wa Vitendo vya Kemia', 900, {
      subjects: 'chemistry;physics',
      min_qualification: 'diploma',
      starts_on: addDays(today, 50),
      ends_on: addDays(today, 58),
    }),
    job(`KCSE${y}SEC`, 'security', 'KCSE Security Officer', 'Afisa wa Usalama KCSE', 500, { closes_on: addDays(today, 12) }),
    job(`KCSE${y}DRV-TUR`, 'driver', 'KCSE Driver, Turkana', 'Dereva wa KCSE, Turkana', 600, { county: 'Turkana', places: '12' }),
    job(`KPSEA${y}INV`, 'invigilator', 'KPSEA Invigilator', 'Msimamizi wa KPSEA', 550, {
      exam: `KPSEA${year}`,
      starts_on: addDays(today, 40),
      ends_on: addDays(today, 43),
      closes_on: addDays(today, 8),
    }),
    job(`KJSEA${y}INV`, 'invigilator', 'KJSEA Invigilator', 'Msimamizi wa KJSEA', 550, {
      exam: `KJSEA${year}`,
      starts_on: addDays(today, 40),
      ends_on: addDays(today, 48),
      opens_on: addDays(today, 6),
      closes_on: addDays(today, 30),
    }),
    job(`KPSEA${y}SUP`, 'supervisor', 'KPSEA Supervisor', 'Msimamizi Mkuu wa KPSEA', 680, {
      exam: `KPSEA${year}`,
      starts_on: addDays(today, 40),
      ends_on: addDays(today, 43),
      opens_on: addDays(today, -60),
      closes_on: addDays(today, -5),
      min_qualification: 'diploma',
    }),
    job(`KJSEA${y}SUP`, 'supervisor', 'KJSEA Supervisor', 'Msimamizi Mkuu wa KJSEA', 680, {
      exam: `KJSEA${year}`,
      starts_on: addDays(today, 80),
      ends_on: addDays(today, 88),
      min_qualification: 'diploma',
    }),
  ]
}

/** One deployment for the invigilators' job, in the person's own sub-county where there is another school, never at the person's own. */
export function deploymentFor(person: RollRow, job: JobRow, stations: readonly StationRow[]): DeploymentRow {
  const other = (station: StationRow) => station.centre_code !== person.workstation_code
  const station =
    stations.find((each) => other(each) && each.sub_county === person.home_sub_county) ??
    stations.find((each) => other(each) && each.county === person.home_county)
  if (!station) throw new RangeError(`no station for ${person.home_county}`)
  return {
    job_code: job.code,
    national_id: person.national_id,
    centre_code: station.centre_code,
    report_on: job.starts_on,
    report_at: '07:00',
  }
}
