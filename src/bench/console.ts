import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { operator } from '../acting.ts'
import { Fault } from '../base/fault.ts'
import { readConfig } from '../config.ts'
import { counties } from '../demo/country.ts'
import { newOfficer } from '../officers/manage.ts'
import { openApp } from '../open.ts'
import type { OfficerRole } from '../store/schema.ts'
import { type Client, enter } from './client.ts'
import { type CrowdSize, nationalIdOf, phoneOf, tscNumberOf } from './crowd.ts'
import { ms, type Times, tableOf, timesOf } from './measure.ts'
import { nationOf } from './nation.ts'
import { startService } from './service.ts'

/** What an officer waits for: a page or a search, by HTTP from another process. Times in milliseconds. */
export type ConsoleTimes = { size: CrowdSize; pages: { what: string; times: Times; ratio: number }[] }

const TURNS = 30
const WANTED_MS = 100

/**
 * Fills a database of its own with a made-up nation, starts the service on it and looks at the console as officers do. `ratio` is to a page
 * of the same run that looks up nothing but who is logged in.
 */
export async function benchConsole(size: CrowdSize, say: (text: string) => void, kept?: string): Promise<ConsoleTimes> {
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'wito-bench-')))
  try {
    const settings = await nationOf({ folder, say }, size)
    const links = await enrolled(settings)
    const service = await startService(settings)
    try {
      const officer = await enter(service.url, links.officer)
      const ofCounty = await enter(service.url, links.ofCounty)
      const auditor = await enter(service.url, links.auditor)
      const empty = await timesOf(TURNS, () => officer.get('/console/account'))
      const pages = [{ what: 'a page that looks up nothing', times: empty, ratio: 1 }]
      for (const [what, work] of looks({ officer, ofCounty, auditor }, size)) {
        const times = await timesOf(TURNS, work)
        pages.push({ what, times, ratio: times.median / empty.median })
        say(`${what}: ${ms(times.median)} ms`)
      }
      return { size, pages }
    } finally {
      await service.stop()
    }
  } finally {
    if (kept === undefined) await rm(folder, { recursive: true, force: true })
  }
}

export const consoleTable = ({ size, pages }: ConsoleTimes): string =>
  `${size.people} people, ${size.applications} applications, ${size.deployments} deployments, ${size.messages} messages, ${size.trail} rows in the trail\n${tableOf(
    ['console, 30 times each', 'median ms', '95 % ms', 'worst ms', 'to an empty page', `under ${WANTED_MS} ms`],
    pages.map(({ what, times, ratio }) => [
      what,
      ms(times.median),
      ms(times.p95),
      ms(times.worst),
      ratio.toFixed(1),
      times.p95 < WANTED_MS ? 'yes' : 'NO',
    ]),
  )}`

type Officers = Record<'officer' | 'ofCounty' | 'auditor', Client>

function looks({ officer, ofCounty, auditor }: Officers, size: CrowdSize): [string, (turn: number) => Promise<unknown>][] {
  const some = (turn: number) => (turn * 7_919 + 13) % size.people
  const find =
    (client: Client, text: (turn: number) => string, expected = true) =>
    async (turn: number) => {
      const page = await client.post('/console/people', { q: text(turn) })
      if (expected && !page.includes('/console/people/')) throw new Fault('not_found', `nobody was found by ${text(turn)}`)
    }
  const county = counties[3]?.name ?? ''
  return [
    ['find by national ID', find(officer, (turn) => nationalIdOf(some(turn)))],
    ['find by phone', find(officer, (turn) => phoneOf(some(turn)).replace('+254', '0'))],
    ['find by TSC number', find(officer, (turn) => tscNumberOf(some(turn)))],
    ['find by one common name', find(officer, (turn) => ['Achieng', 'Wambui', 'Omondi'][turn % 3] ?? '')],
    [
      'find by two common names',
      find(officer, (turn) => ['Achieng Odera', 'Wambui Koech', 'Rotich Omondi'][turn % 3] ?? '', false),
    ],
    ['find by three beginnings', find(officer, (turn) => ['ach ode ba', 'wam koe ka', 'omo rot ma'][turn % 3] ?? '', false)],
    ['find by a common name, officer of one county', find(ofCounty, (turn) => ['Achieng', 'Wambui'][turn % 2] ?? '', false)],
    ['find nobody', find(officer, (turn) => `Zzyx Omondi ${turn}`, false)],
    ['today', () => officer.get('/console')],
    ['today, officer of one county', () => ofCounty.get('/console')],
    ['applications', () => officer.get('/console/applications')],
    ['applications, nominated', () => officer.get('/console/applications?status=nominated')],
    ['applications of one county', () => officer.get(`/console/applications?county=${encodeURIComponent(county)}`)],
    ['applications, officer of one county', () => ofCounty.get('/console/applications?status=received')],
    ['applications, page after page', walking(officer, '/console/applications')],
    ['deployments', () => officer.get('/console/deployments')],
    ['deployments by place', () => officer.get('/console/deployments/places')],
    ['messages', () => officer.get('/console/messages')],
    ['messages that failed', () => officer.get('/console/messages?status=failed')],
    ['audit trail', () => auditor.get('/console/audit')],
    ['audit trail, one action', () => auditor.get('/console/audit?action=jobs.apply')],
  ]
}

/** Each turn looks at the page after the one before. */
function walking(client: Client, path: string) {
  let next = path
  return async () => {
    const page = await client.get(next)
    next = /href="([^"]+)" rel="next"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? path
  }
}

/** One-time links of officers made for this run. */
async function enrolled(settings: Record<string, string>) {
  const { app, close } = await openApp(readConfig(settings))
  try {
    const linkOf = async (role: OfficerRole, of: string[] = []) => {
      const username = `bench.${app.clock.id().slice(-8)}`
      const added = await newOfficer(app, operator, { username, name: 'Bench Officer', role, counties: of })
      if (added === 'taken') throw new Fault('bad_request', 'an officer has that name already')
      return added.link
    }
    return {
      officer: await linkOf('officer'),
      ofCounty: await linkOf('officer', [counties[3]?.name ?? '']),
      auditor: await linkOf('auditor'),
    }
  } finally {
    await close()
  }
}
