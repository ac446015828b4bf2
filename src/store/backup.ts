import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Fault } from '../base/fault.ts'
import type { Store } from './store.ts'

/** Rows of each table, by the table's name. */
export type Counts = Record<string, number>

/** Reads a database file as it stands: `PRAGMA integrity_check`, then the rows of every table. Throws a Fault that says what is wrong. */
export function checkCopy(file: string): Counts {
  if (!existsSync(file)) throw new Fault('bad_file', `there is no file ${file}`)
  const copy = new Database(file, { readonly: true, fileMustExist: true })
  try {
    const verdict = copy.pragma('integrity_check', { simple: true })
    if (verdict !== 'ok') throw new Fault('bad_file', `the copy is damaged: ${String(verdict).slice(0, 200)}`)
    const tables = copy
      .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name")
      .pluck()
      .all() as string[]
    return Object.fromEntries(
      tables.map((name) => [name, copy.prepare(`select count(*) from "${name}"`).pluck().get() as number]),
    )
  } catch (reason) {
    if (reason instanceof Fault) throw reason
    throw new Fault('bad_file', `${file} is not a database that can be read`, reason)
  } finally {
    copy.close()
  }
}

/** Copies the live database to `file`, which must not be there yet, and proves the copy. */
export async function copyAndCheck(store: Pick<Store, 'copyTo'>, file: string): Promise<{ file: string; counts: Counts }> {
  if (existsSync(file)) throw new Fault('bad_file', `${file} is there already`)
  await store.copyTo(file)
  return { file, counts: checkCopy(file) }
}

/** Copies the live database into `folder` as `wito-<stamp>.db`, proves the copy, and keeps the newest `keep`. */
export async function backUp(
  store: Pick<Store, 'copyTo'>,
  folder: string,
  stamp: string,
  keep = 14,
): Promise<{ file: string; counts: Counts }> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const made = await copyAndCheck(store, join(folder, `wito-${stamp}.db`))
  const old = readdirSync(folder)
    .filter((name) => /^wito-.*\.db$/.test(name))
    .sort()
    .slice(0, -keep)
  for (const name of old) rmSync(join(folder, name))
  return made
}
