import { z } from 'zod'
import { action, done, refused, type Scene } from '../action.ts'
import { nairobiDay, shortDay } from '../base/dates.ts'
import { dayCode } from './day-code.ts'
import { hasPass, passed } from './head-pin.ts'
import { writeMark } from './mark.ts'
import { headDays, peopleHere } from './people-here.ts'

const onDay = { ...passed, day: z.string().default('') }
type OnDay = { centre: string; pass: string; day: string }

/** The day that is meant: today where none was chosen; undefined where it is too long ago. */
const dayOf = ({ at }: Scene, { day }: { day: string }): string | undefined =>
  day === '' ? nairobiDay(at) : headDays(at).find((each) => each === day)

/** How a station stands on a day: how many are on duty there and how many of them are marked, and the code of the day. */
export const attendanceDay = action<OnDay>({
  who: 'anyone',
  input: z.object(onDay),
  refusals: ['pin_needed', 'none'],
  gives: ['mark_day', 'day', 'on_duty', 'marked', 'unmarked', 'day_code'],
  reads: true,
  async apply(scene, input) {
    const day = dayOf(scene, input)
    if (!hasPass(scene, input)) return refused('pin_needed')
    if (day === undefined) return refused('none')
    const here = await peopleHere(scene.tx, input.centre, day)
    const marked = here.filter(({ mark }) => mark !== null).length
    return done({
      mark_day: day,
      day: shortDay(day),
      on_duty: here.length,
      marked,
      unmarked: here.length > marked,
      day_code: dayCode(scene.tools, input.centre, day),
    })
  },
})

/** The people on duty with their marks, those without one first. */
export const attendanceList = action<OnDay>({
  who: 'anyone',
  input: z.object(onDay),
  refusals: ['pin_needed', 'none'],
  gives: ['duty', 'name', 'mark'],
  reads: true,
  async apply(scene, input) {
    const day = dayOf(scene, input)
    if (!hasPass(scene, input)) return refused('pin_needed')
    const here = day === undefined ? [] : await peopleHere(scene.tx, input.centre, day)
    if (here.length === 0) return refused('none')
    const sorted = [...here.filter(({ mark }) => mark === null), ...here.filter(({ mark }) => mark !== null)]
    return done({ items: sorted.map((row) => ({ duty: row.deployment.id, name: row.name, mark: row.mark ?? 'none' })) })
  },
})

/** Earlier days that may still be put right. */
export const attendanceDays = action<{ centre: string; pass: string }>({
  who: 'anyone',
  input: z.object(passed),
  refusals: ['pin_needed'],
  gives: ['mark_day', 'day'],
  reads: true,
  async apply(scene, input) {
    if (!hasPass(scene, input)) return refused('pin_needed')
    return done({ items: headDays(scene.at).map((day) => ({ mark_day: day, day: shortDay(day) })) })
  },
})

/** Marks one person: present, late or absent. */
export const attendanceMark = action<OnDay & { duty: string; mark: 'present' | 'late' | 'absent' }>({
  who: 'anyone',
  input: z.object({ ...onDay, duty: z.string(), mark: z.enum(['present', 'late', 'absent']) }),
  refusals: ['pin_needed', 'none', 'settled'],
  gives: ['name', 'mark'],
  async apply(scene, input) {
    const day = dayOf(scene, input)
    if (!hasPass(scene, input)) return refused('pin_needed')
    const row = (day === undefined ? [] : await peopleHere(scene.tx, input.centre, day)).find(
      ({ deployment }) => deployment.id === input.duty,
    )
    if (!row || day === undefined) return refused('none')
    const { mark } = input
    const about = row.deployment.personId
    if (!(await writeMark(scene, row.deployment, { day, mark, by: 'head' }))) return refused('settled', {}, about)
    return done({ name: row.name, mark }, about)
  },
})

/** Marks everybody who has no mark yet as present. */
export const attendanceAll = action<OnDay>({
  who: 'anyone',
  input: z.object(onDay),
  refusals: ['pin_needed', 'none'],
  gives: ['marked'],
  async apply(scene, input) {
    const day = dayOf(scene, input)
    if (!hasPass(scene, input)) return refused('pin_needed')
    const here = day === undefined ? [] : await peopleHere(scene.tx, input.centre, day)
    const open = here.filter(({ mark }) => mark === null)
    if (open.length === 0 || day === undefined) return refused('none')
    for (const { deployment } of open) await writeMark(scene, deployment, { day, mark: 'present', by: 'head' })
    return done({ marked: open.length }, input.centre)
  },
})
