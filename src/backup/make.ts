import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { App } from '../app.ts'
import { lastAnchor } from '../audit/chain.ts'
import { Fault } from '../base/fault.ts'
import { type Counts, checkCopy } from '../store/backup.ts'
import { lockFile } from './vault.ts'

type Parts = Pick<App, 'store' | 'keyring' | 'clock' | 'config'>
export type Made = { file: string; counts: Counts }
/** What a backup says of itself, under lock: rows of each table, and how far the audit trail was linked. */
export type Details = { made: number; counts: Counts; end: { n: number; mac: string } | null }

/** Copies the live database while others write, proves the copy, and locks it into `file`, which must not be there yet. */
export async function backUpTo(app: Parts, file: string): Promise<Made> {
  if (existsSync(file)) throw new Fault('bad_file', `${file} is there already`)
  const plain = `${file}.${app.clock.id()}`
  try {
    // How far the trail is linked is read first: every link up to there is then in the copy.
    const anchor = await lastAnchor(app)
    await app.store.copyTo(plain)
    const counts = checkCopy(plain)
    const details: Details = { made: app.clock.now(), counts, end: anchor ? { n: anchor.n, mac: anchor.mac } : null }
    await lockFile(app, plain, file, details)
    return { file, counts }
  } finally {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(plain + end, { force: true })
  }
}

/** The same into `folder` as `wito-<stamp>.backup`; keeps the newest `keep`. */
export async function backUp(app: Parts, folder: string, stamp: string, keep = 14): Promise<Made> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const made = await backUpTo(app, join(folder, `wito-${stamp}.backup`))
  const old = readdirSync(folder)
    .filter((name) => /^wito-.*\.backup$/.test(name))
    .sort()
    .slice(0, -keep)
  for (const name of old) rmSync(join(folder, name))
  return made
}
