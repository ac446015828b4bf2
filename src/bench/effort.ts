import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dayCode } from '../attendance/day-code.ts'
import { systemClock } from '../base/clock.ts'
import { nairobiDay } from '../base/dates.ts'
import { Fault } from '../base/fault.ts'
import { actions, formats } from '../catalogue.ts'
import { readConfig } from '../config.ts'
import { DEMONSTRATION_PIN, demo } from '../demo/demo.ts'
import { loadDemonstration } from '../demo/load.ts'
import { openApp } from '../open.ts'
import type { Language } from '../store/schema.ts'
import { type Player, type Spent, type Town, takeUp } from './handset.ts'
import { tableOf } from './measure.ts'
import { settingsFor } from './service.ts'

/**
 * What a person pays for one task, played through the real menu and keywords.
 * A hop is each answer of ours that a person waits for and reads in a call: the first one after the dial counts, the one that says it is
 * done counts, a page turned with 98 counts. A key is each character that is typed, of the dialled code and the short code too, and one
 * more to send it; on a keypad of twelve keys a letter takes up to four presses, which are not counted. `sent` and `received` are segments.
 */
export type Effort = Spent & { task: string; way: Way; language: Language; most?: number }
type Way = 'USSD' | 'SMS' | 'deep dial'

/** How a task is done in each way, and the hops that were promised. `first` brings the person to where it begins, for nothing. */
type Task = {
  task: string
  who: 'newcomer' | 'applicant' | 'deployed'
  most?: number
  first?(player: Player): Promise<void>
  ways: Partial<Record<Way, (player: Player) => Promise<void>>>
}

const PIN = DEMONSTRATION_PIN
const NEW_PIN = '739150'
const REASON: Record<Language, string> = { en: 'my child is ill', sw: 'mtoto wangu anaugua' }
const RELATION: Record<Language, string> = { en: 'sister', sw: 'dada' }

/** What somebody types whom the council's roll knows already. */
const answersOf = ({ language, fullName }: Player): Record<string, string> => ({
  gender: '1',
  birth_year: '1988',
  town: 'Kisumu',
  bank_code: '01',
  branch_code: '094',
  account_number: '1100223344',
  account_name: fullName,
  teaching_level: '3',
  kin_name: 'Otieno Odera',
  kin_relation: RELATION[language],
  kin_phone: '0712345678',
  nssf: '2001234567',
  sha: 'CR1234567890123-4',
})

const asksPassword = (player: Player) => player.send('password')
const register = (player: Player) => player.send('register', player.nationalId)

const tasks: readonly Task[] = [
  {
    task: 'create an account',
    who: 'newcomer',
    most: 5,
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('register_id')
        await player.type(player.nationalId, 'registered')
      },
      SMS: register,
    },
  },
  {
    task: 'choose the first PIN, fill in the profile',
    who: 'newcomer',
    first: register,
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('profile', 'pin_new')
        await player.type(PIN)
        await player.type(PIN, 'profile')
        await player.choose('profile_any', 'profile_field')
        while (player.screen === 'profile_field') await player.type(player.answerTo(answersOf(player)))
        player.isAt('profile_complete')
      },
    },
  },
  {
    task: 'get a new password',
    who: 'applicant',
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('password', 'pin_enter')
        await player.type(PIN, 'password')
        await player.choose('password_reset', 'password_sent')
      },
      SMS: asksPassword,
    },
  },
  {
    task: 'choose a new PIN with it',
    who: 'applicant',
    first: asksPassword,
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('profile', 'pin_enter')
        await player.type(player.found(/\b\d{8}\b/), 'pin_new')
        await player.type(NEW_PIN)
        await player.type(NEW_PIN, 'profile')
      },
    },
  },
  {
    task: 'see the jobs',
    who: 'applicant',
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('jobs')
      },
      SMS: (player) => player.send('jobs'),
    },
  },
  {
    task: 'apply',
    who: 'applicant',
    most: 5,
    // The code of a job stands in an SMS that came before.
    first: (player) => player.send('jobs'),
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('jobs')
        await player.pick('job')
        await player.choose('apply_confirm', 'apply_pin')
        await player.type(PIN, 'applied')
      },
      SMS: (player) => player.send('apply', player.found(/\bKCSE\d\dSEC\b/)),
      async 'deep dial'(player) {
        await player.dial('1*1*1', 'apply_pin')
        await player.type(PIN, 'applied')
      },
    },
  },
  {
    task: 'see where applications stand',
    who: 'applicant',
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('applications')
      },
      SMS: (player) => player.send('status'),
    },
  },
  {
    task: 'get the link of the letter',
    who: 'deployed',
    most: 3,
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('letters')
        await player.choose('letter_next', 'letter_sent')
      },
      SMS: (player) => player.send('letter'),
      'deep dial': (player) => player.dial('3*2', 'letter_sent'),
    },
  },
  {
    task: 'accept a duty',
    who: 'deployed',
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('letters')
        await player.pick('deployment')
        await player.choose('accept_confirm', 'pin_enter')
        await player.type(PIN, 'accept_confirm')
        await player.choose('accept', 'accepted')
      },
      SMS: (player) => player.send('accept'),
    },
  },
  {
    task: 'decline a duty',
    who: 'deployed',
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('letters')
        await player.pick('deployment')
        await player.choose('decline_reason', 'pin_enter')
        await player.type(PIN, 'decline_reason')
        await player.type(REASON[player.language], 'decline_confirm')
        await player.choose('decline', 'declined')
      },
      SMS: (player) => player.send('decline', REASON[player.language]),
    },
  },
  {
    task: 'check that a letter is genuine',
    who: 'deployed',
    first: (player) => player.send('letter'),
    ways: { SMS: (player) => player.send('verify', player.found(/(?<=\/l\/)\S{19}/)) },
  },
]

/** What is done when the exam has begun. */
const later: readonly Task[] = [
  {
    task: 'check in at the station',
    who: 'deployed',
    first: (player) => player.send('accept'),
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('letters')
        await player.pick('deployment')
        await player.choose('check_in')
        await player.type(player.dayCode, 'checked_in')
      },
    },
  },
  {
    task: 'see the pay',
    who: 'deployed',
    first: (player) => player.send('accept'),
    ways: {
      async USSD(player) {
        await player.dial()
        await player.choose('applications')
        await player.choose('pay')
        await player.pick('pay_duty')
      },
      SMS: (player) => player.send('pay'),
    },
  },
]

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
        rows.push({ task, way, language, ...(most !== undefined && way === 'USSD' ? { most } : {}), ...player.spent() })
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

export const effortTable = (rows: readonly Effort[]): string =>
  tableOf(
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
  )
