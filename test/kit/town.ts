import type { App } from '../../src/app.ts'
import { addDays, nairobiDay } from '../../src/base/dates.ts'
import { applyJobs, type JobRow, jobRow } from '../../src/jobs/job-row.ts'
import { applyStations, stationRow } from '../../src/jobs/station.ts'
import type { fieldNames } from '../../src/people/profile-fields.ts'
import { applyRoll, rollRow } from '../../src/people/roll.ts'

/** A made-up town: people, schools and jobs that every conversation knows by name. Phones are of the demonstration block's end. */
export const people = {
  achieng: { national_id: '99100001', full_name: 'Achieng Odera', phone: '0700000901', home_county: 'Kisumu' },
  baraka: { national_id: '99100002', full_name: 'Baraka Mwangome', phone: '0700000902', home_county: 'Kisumu' },
  chebet: {
    national_id: '99100003',
    full_name: 'Chebet Kiplimo',
    phone: '0700000903',
    home_county: 'Kisumu',
    qualification: 'certificate',
    subjects: '',
  },
  dahir: { national_id: '99100004', full_name: 'Dahir Guled', phone: '0700000904', home_county: 'Wajir', status: 'suspended' },
  esther: { national_id: '99100005', full_name: 'Esther Wanjirũ', phone: '0700000905', home_county: 'Kisumu' },
  faraji: { national_id: '99100006', full_name: 'Faraji Kombo', phone: '0700000906', home_county: 'Kwale' },
} satisfies Record<string, Partial<Record<string, string>>>

type Named = Partial<Record<string, string>> & { national_id: string }
const rollOf = (person: Named) => ({
  tsc_number: `9${person.national_id.slice(-5)}`,
  kra_pin: `A00${person.national_id.slice(-7)}Z`,
  qualification: 'degree',
  subjects: 'mathematics;physics',
  home_sub_county: 'Kisumu East',
  workstation_code: '42101001',
  status: 'vetted',
  ...person,
})

const stations = [
  {
    centre_code: '42101001',
    name: 'Mto Mwekundu Secondary',
    county: 'Kisumu',
    sub_county: 'Kisumu East',
    latitude: '-0.09',
    longitude: '34.77',
    candidates: '180',
  },
  {
    centre_code: '42101002',
    name: 'Kilima Kirefu Girls',
    county: 'Kisumu',
    sub_county: 'Kisumu East',
    latitude: '-0.10',
    longitude: '34.80',
    candidates: '240',
  },
  {
    centre_code: '42102001',
    name: 'Ziwa Kuu Boys',
    county: 'Kisumu',
    sub_county: 'Kisumu West',
    latitude: '-0.08',
    longitude: '34.60',
    candidates: '90',
  },
]

/** Days from today, so that windows are open whenever the tests run. */
export function jobs(today: string): Record<string, string>[] {
  const job = (code: string, title: string, title_sw: string, more: Partial<Record<keyof JobRow, string>> = {}) => ({
    code,
    title,
    title_sw,
    exam: 'KCSE2026',
    role: 'invigilator',
    opens_on: addDays(today, -10),
    closes_on: addDays(today, 20),
    starts_on: addDays(today, 60),
    ends_on: addDays(today, 75),
    min_qualification: '',
    subjects: '',
    county: '',
    places: '',
    daily_rate_kes: '550',
    ...more,
  })
  return [
    job('KCSE26INV', 'KCSE Invigilator', 'Msimamizi wa KCSE'),
    job('KCSE26SUP', 'KCSE Supervisor', 'Msimamizi Mkuu wa KCSE', {
      role: 'supervisor',
      daily_rate_kes: '680',
      min_qualification: 'diploma',
      places: '1',
    }),
    job('KCSE26EXM-MAT', 'KCSE Maths Examiner', 'Mtahini wa Hisabati KCSE', {
      role: 'examiner',
      subjects: 'mathematics',
      min_qualification: 'degree',
      starts_on: addDays(today, 90),
      ends_on: addDays(today, 110),
    }),
    job('KCSE26DRV', 'KCSE Driver, Kwale', 'Dereva wa KCSE, Kwale', { role: 'driver', county: 'Kwale' }),
    job('KCSE26SEC', 'KCSE Security, closed', 'Usalama wa KCSE, imefungwa', {
      role: 'security',
      opens_on: addDays(today, -40),
      closes_on: addDays(today, -3),
    }),
    job('KPSEA26INV', 'KPSEA Invigilator', 'Msimamizi wa KPSEA', {
      exam: 'KPSEA2026',
      opens_on: addDays(today, 5),
      closes_on: addDays(today, 40),
    }),
  ]
}

/** Fills an empty database with the town. */
export async function settle(app: App): Promise<void> {
  const today = nairobiDay(app.clock.now())
  await app.store.work('town', async (tx) => {
    await applyStations(
      tx,
      stations.map((row) => stationRow.parse(row)),
    )
    await applyJobs(
      tx,
      0,
      jobs(today).map((row) => jobRow.parse(row)),
    )
  })
  await addPeople(app, Object.values(people))
}

/** Puts people on the roll; what is not said of them is what everybody's is. */
export async function addPeople(app: App, added: readonly Named[]): Promise<void> {
  await app.store.work('roll', async (tx) => {
    await applyRoll(
      tx,
      app,
      app.clock.now(),
      added.map((person) => rollRow.parse(rollOf(person))),
    )
  })
}

/** A good answer to every field of the profile. */
export const profileAnswers: Record<(typeof fieldNames)[number], string> = {
  gender: '1',
  birth_year: '1988',
  town: 'Kisumu',
  home_county: 'Kisumu',
  home_sub_county: 'Kisumu East',
  bank_code: '01',
  branch_code: '094',
  account_number: '1100223344',
  account_name: 'Achieng Odera',
  qualification: '3',
  subjects: 'mathematics, physics',
  workstation_code: '42101001',
  teaching_level: '3',
  kin_name: 'Otieno Odera',
  kin_relation: 'brother',
  kin_phone: '0700000999',
  kra_pin: 'A001234567Z',
  tsc_number: '912345',
  nssf: '2001234567',
  sha: 'CR1234567890123-4',
}
