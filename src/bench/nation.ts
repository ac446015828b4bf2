import { createHash } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { nairobiDay } from '../base/dates.ts'
import { readConfig } from '../config.ts'
import { dice } from '../demo/draw.ts'
import { openApp } from '../open.ts'
import { openBulk } from '../store/bulk.ts'
import { type CrowdSize, fillCrowd, holderOf, PIN, phoneOf } from './crowd.ts'
import type { Run } from './figure.ts'
import { type Load, way } from './load.ts'
import { settingsFor } from './service.ts'

/** Settings of a service on a made-up nation of this size, filled where this run's folder has none of today and of this making; nobody has called yet. Whoever measures may write to it. */
export async function nationOf({ folder, say }: Pick<Run, 'folder' | 'say'>, size: CrowdSize): Promise<Record<string, string>> {
  const home = join(folder, `nation-${size.people}`)
  const settings = settingsFor(home)
  const filled = join(home, 'filled')
  const making = makingOf(size)
  if (existsSync(filled) && readFileSync(filled, 'utf8') === making) {
    await forgetCalls(settings)
    return settings
  }
  rmSync(home, { recursive: true, force: true })
  const { app, close } = await openApp(readConfig(settings))
  await close()
  const bulk = openBulk(join(home, 'wito.db'))
  let before = ''
  await fillCrowd({ ...app, store: { ...app.store, ...bulk } }, size, (what, done) => {
    if (what !== before) say(`filling: ${what}`)
    before = what
    if (done % 200_000 === 0) say(`  ${done}`)
  })
  say('making indexes')
  await bulk.close()
  // Gigabytes that are still on their way to the disk would hold up whatever is measured first.
  say('writing it to the disk')
  const file = openSync(join(home, 'wito.db'), 'r+')
  fsyncSync(file)
  closeSync(file)
  writeFileSync(filled, making)
  return settings
}

/** What a nation comes from: its size, the day that its dates are counted from, and the program that fills it. */
function makingOf(size: CrowdSize): string {
  const program = createHash('sha256')
    .update(readFileSync(new URL('./crowd.ts', import.meta.url)))
    .digest('hex')
  return JSON.stringify({ size, day: nairobiDay(systemClock.now()), program })
}

/** What was measured before would be in the way: every answer of two days is kept for whoever repeats a callback. */
async function forgetCalls(settings: Record<string, string>): Promise<void> {
  const { app, close } = await openApp(readConfig(settings))
  await app.store.work('bench', async (tx) => {
    await tx.delete(tx.hops)
    await tx.delete(tx.sessions)
  })
  await close()
}

const LOOKING = [
  way('home', '1 jobs', '1 job', '2 job_needs', '0 job', '00 home', '2 applications|applications_none', '0 home'),
  way(
    'home',
    '2 applications|applications_none',
    '1 application|jobs',
    '0 applications|applications_none',
    '0 home',
    '1 jobs',
    '1 job',
    '00 home',
  ),
  way('home', '3 letters|letters_none', '0 home', '1 jobs', '1 job', '2 job_needs', '0 job', '00 home'),
  way('home', '6 language', '0 home', '2 applications|applications_none', '1 application|jobs', '00 home', '1 jobs', '0 home'),
]
/** Who withdraws may apply again, so that however often a caller comes round they find what they found before. */
const APPLYING = way(
  'home',
  '1 jobs',
  '1 job',
  '1 pin_enter',
  `${PIN} apply_confirm`,
  '1 applied',
  '1 applications',
  '1 application',
  '1 withdraw_confirm',
  '1 withdrawn',
  '00 home',
)
const MOST_CALLERS = 20_000
/** So many callers have one among them who applies, which takes a hash of some 12 ms. */
const ONE_IN = 50

/**
 * Who calls, at most 20,000 people from the whole of the nation, in an order that is always the same and follows nothing: a call of eight
 * hops that looks at jobs, applications and letters. One in fifty, who has a whole profile, gives the PIN, applies and withdraws again, in
 * eleven hops.
 */
export function callersOf({ people, profiles }: Pick<CrowdSize, 'people' | 'profiles'>): Pick<Load, 'callers' | 'ways'> {
  const holders = shuffled(Math.floor(people / 5) * 2)
  const most = Math.min(holders.length, MOST_CALLERS)
  const applicants = new Set(holders.filter((k) => k < profiles).slice(0, Math.ceil(most / ONE_IN)))
  const [applying, looking] = [applicants.values(), holders.filter((k) => !applicants.has(k)).values()]
  const callers = Array.from({ length: most }, (_, n) => {
    const next = n % ONE_IN === ONE_IN >> 1 ? applying.next().value : undefined
    const number = phoneOf(holderOf(next ?? looking.next().value ?? 0))
    return { number, way: next === undefined ? n % LOOKING.length : LOOKING.length }
  })
  return { callers, ways: [...LOOKING, APPLYING] }
}

/** 0 to `count` - 1, each once. */
function shuffled(count: number): number[] {
  const cast = dice(13)
  const all = Array.from({ length: count }, (_, n) => n)
  for (let n = count - 1; n > 0; n--) {
    const other = cast.below(n + 1)
    ;[all[n], all[other]] = [all[other] as number, all[n] as number]
  }
  return all
}
