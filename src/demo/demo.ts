import type { ApplicationStatus, Language } from '../store/schema.ts'
import { dice } from './draw.ts'
import { type DeploymentRow, deploymentFor, type JobRow, makeJobs } from './exam.ts'
import { makePeople, makeStations, type RollRow, type StationRow } from './people.ts'

export type Demonstration = {
  roll: RollRow[]
  stations: StationRow[]
  jobs: JobRow[]
  deployments: DeploymentRow[]
  applications: { nationalId: string; jobCode: string; status: ApplicationStatus }[]
  accounts: { nationalId: string; profile: 'complete' | 'partial' | 'none'; pin?: string; language: Language }[]
}

/** Everybody's PIN in the demonstration, and nobody's anywhere else. */
export const DEMONSTRATION_PIN = '482915'

/** The three people whom the README introduces. */
export const tryThese = [
  { phone: '+254700000001', title: 'Achieng Odera, on the roll, no account yet', hint: 'national ID 99100001' },
  { phone: '+254700000002', title: 'Baraka Mwangome, ready to apply', hint: `PIN ${DEMONSTRATION_PIN}` },
  {
    phone: '+254700000003',
    title: 'Chebet Kirui, whose letter waits',
    hint: `PIN ${DEMONSTRATION_PIN}, national ID ends in 0003`,
  },
] as const

const DEPLOYED = 25
const STATUSES: readonly ApplicationStatus[] = [
  'received',
  'received',
  'received',
  'nominated',
  'nominated',
  'reserve',
  'unsuccessful',
  'withdrawn',
]

/** A made-up national exam: 47 counties, 200 stations, 500 people, 12 jobs. Pure: the same day (`YYYY-MM-DD`) gives the same rows. */
export function demo(today: string): Demonstration {
  const throws = dice(22_262)
  const stations = makeStations(throws, 200)
  const jobs = makeJobs(today)
  const roll = makePeople(throws, stations, 500).map((row, place) => ({ ...row, ...known[place] }))
  const invigilators = jobs[0] as JobRow
  const deployed = roll
    .slice(2)
    .filter((row) => row.status === 'vetted')
    .slice(0, DEPLOYED)
  const deployments = deployed.map((row) => deploymentFor(row, invigilators, stations))
  const applicants = roll
    .slice(40)
    .filter((row) => row.status === 'vetted')
    .slice(0, 65)
  const open = jobs.filter((job) => job.opens_on <= today && job.subjects === '' && job.county === '' && job !== invigilators)
  const applications = applicants.map((row, place) => ({
    nationalId: row.national_id,
    jobCode: place % 2 === 0 ? invigilators.code : (open[place % open.length] as JobRow).code,
    status: STATUSES[place % STATUSES.length] as ApplicationStatus,
  }))
  const accounts = [...new Set([roll[1] as RollRow, ...deployed, ...applicants, ...roll.slice(110, 140)])]
    .filter((row) => row.status === 'vetted')
    .map((row, place) => ({
      nationalId: row.national_id,
      profile: place < 95 ? ('complete' as const) : place % 2 === 0 ? ('partial' as const) : ('none' as const),
      ...(place < 110 ? { pin: DEMONSTRATION_PIN } : {}),
      language: place > 2 && place % 3 === 0 ? ('sw' as const) : ('en' as const),
    }))
  return { roll, stations, jobs, deployments, applications, accounts }
}

const known: readonly Partial<RollRow>[] = [
  { national_id: '99100001', full_name: 'Achieng Odera', status: 'vetted', qualification: 'degree' },
  {
    national_id: '99100002',
    full_name: 'Baraka Mwangome',
    status: 'vetted',
    qualification: 'degree',
    subjects: 'mathematics;physics',
  },
  { national_id: '99100003', full_name: 'Chebet Kirui', status: 'vetted', qualification: 'diploma' },
]
