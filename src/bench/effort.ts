import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dayCode } from '../attendance/day-code.ts'
import { systemClock } from '../base/clock.ts'
import { nairobiDay } from '../base/dates.ts'
import { Fault } from '../base/fault.ts'
import { actions, formats } from '../catalogue.ts'
import { readConfig } from '../config.ts'
import { demo } from '../demo/demo.ts'
import { loadDemonstration } from '../demo/load.ts'
import { openApp } from '../open.ts'
import type { Language } from '../store/schema.ts'
import { later, type Task, tasks, type Way } from './effort-tasks.ts'
import { type Spent, type Town, takeUp } from './handset.ts'
import { tableOf } from './measure.ts'
import { settingsFor } from './service.ts'

/**
 * What a person pays for one task, played through the real menu and keywords.
 * A hop is each answer of ours that a person waits for and reads in a call: the first one after the dial counts, the one that says it is
 * done counts, a page turned with 98 counts. A key is each character that is typed, of the dialled code and the short code too, and one
 * more to send it; on a keypad of twelve keys a letter takes up to four presses, which are not counted. `sent` and `received` are segments.
 */
export type Effort = Spent & { task: string; way: Way; language: Language; most?: number }

/** Plays every task in every way and both languages, each by somebody else of the demonstration, in a database of its own. */
export async function effort(): Promise<Effort[]> {
  const folder = await mkdtemp(join(tmpdir(), 'wito-effort-'))
  try {
    let moved = 0
    const clock = { ...systemClock, now: () => systemClock.now() + moved }
    const opened = await openApp(readConfig(settingsFor(folder)), undefined, clock)
    try {
      await loadDemonstration(opened.app)
      const town: Town = { ...opened, actions, formats }
      const people = peopleOf(town)
      const played = await playAll(tasks, town, people)
      const [first] = people.made.deployments
      moved = Date.parse(`${first?.report_on}T${first?.report_at}:00+03:00`) - systemClock.now()
      return [...played, ...(await playAll(later, town, people))]
    } finally {
      await opened.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type People = ReturnType<typeof peopleOf>

/** Who can play whom; nobody plays twice. */
function peopleOf({ app }: Town) {
  const made = demo(nairobiDay(app.clock.now()))
  const holders = new Set(made.accounts.map(({ nationalId }) => nationalId))
  const byId = Map.groupBy(made.roll, ({ national_id }) => national_id)
  const rows = (ids: readonly string[]) => ids.flatMap((id) => byId.get(id) ?? [])
  const whole = made.roll.filter((row) => row.status === 'vetted' && row.tsc_number !== '' && row.workstation_code !== '')
  return {
    made,
    newcomer: whole.filter(({ national_id }) => !holders.has(national_id)),
    applicant: rows(made.applications.filter(({ status }) => status === 'received').map(({ nationalId }) => nationalId)),
    deployed: rows(made.deployments.map(({ national_id }) => national_id)),
  }
}

async function playAll(list: readonly Task[], town: Town, people: People): Promise<Effort[]> {
  const rows: Effort[] = []
  for (const { task, who, most, first, ways } of list)
    for (const way of Object.keys(ways) as Way[])
      for (const language of ['en', 'sw'] as const) {
        const row = people[who].shift()
        if (!row) throw new Fault('not_found', `nobody is left to ${task}`)
        const duty = people.made.deployments.find(({ national_id }) => national_id === row.national_id)
        const player = takeUp(town, row, language, duty ? dayCode(town.app, duty.centre_code, duty.report_on) : '')
        await player.send('lang', language)
        await first?.(player)
        player.begin()
        await ways[way]?.(player)
        rows.push({ task, way, language, ...(most?.[way] === undefined ? {} : { most: most[way] }), ...player.spent() })
      }
  return rows
}

/** What was promised of a task and does not hold, in words; nothing where all holds. */
export function brokenEfforts(rows: readonly Effort[]): string[] {
  return rows.flatMap(({ task, way, language, hops, most, longest }) => {
    const name = `to ${task} (${way}, ${language})`
    return [
      ...(most !== undefined && hops > most ? [`${name} takes ${hops} hops, more than ${most}`] : []),
      ...(longest > 1 ? [`${name} brings an SMS of ${longest} segments`] : []),
    ]
  })
}

/** How hops are counted, in the words that stand under the table. */
export const COUNTING =
  'Every answer that is read is a hop, the one to the dial too: an application is five hops from the dial on, six with it. Its first choices dialled along with the code (deep dial), it is three with the dial.'

export const effortTable = (rows: readonly Effort[]): string =>
  `${tableOf(
    ['to', 'by', 'in', 'hops', 'at most', 'keys', 'SMS sent', 'SMS received'],
    rows.map((row) => [
      row.task,
      row.way,
      row.language,
      row.hops === 0 ? '-' : String(row.hops),
      row.most === undefined ? '' : String(row.most),
      String(row.keys),
      String(row.sent),
      String(row.received),
    ]),
  )}\n${COUNTING}`
