import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { Fault } from '../base/fault.ts'

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
