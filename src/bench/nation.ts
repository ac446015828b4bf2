import { closeSync, existsSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../config.ts'
import { openApp } from '../open.ts'
import { openBulk } from '../store/bulk.ts'
import { type CrowdSize, fillCrowd, holderOf, PIN, phoneOf } from './crowd.ts'
import type { Run } from './figure.ts'
import { settingsFor } from './service.ts'

/** Settings of a service on a made-up nation of this size, filled where this run's folder has none yet. Whoever measures may write to it. */
export async function nationOf({ folder, say }: Pick<Run, 'folder' | 'say'>, size: CrowdSize): Promise<Record<string, string>> {
  const home = join(folder, `nation-${size.people}`)
  const settings = settingsFor(home)
  const filled = join(home, 'filled')
  if (existsSync(filled)) return settings
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
  writeFileSync(filled, '')
  return settings
}

/** Numbers of people with an account, at most 20,000, from the whole of the nation. */
export function callersOf({ people }: Pick<CrowdSize, 'people'>): string[] {
  const holders = Math.floor(people / 5) * 2
  const most = Math.min(holders, 20_000)
  return Array.from({ length: most }, (_, k) => phoneOf(holderOf(Math.floor((k * holders) / most))))
}

const LOOKING = [
  ['', '1', '1', '2', '0', '00', '2', '0'],
  ['', '2', '1', '0', '0', '1', '1', '00'],
  ['', '3', '0', '1', '1', '2', '0', '00'],
  ['', '6', '0', '2', '1', '00', '1', '0'],
]
/** Calls of eight hops that look at jobs, applications and letters; one in fifty gives the PIN and applies, which takes a hash of some 12 ms. */
export const JOURNEYS: readonly (readonly string[])[] = Array.from({ length: 50 }, (_, n) =>
  n === 25 ? ['', '1', '1', '1', PIN, '1', '1', '00'] : (LOOKING[n % LOOKING.length] ?? []),
)
