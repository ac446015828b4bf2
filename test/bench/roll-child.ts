import { createCipheriv, createHmac, createSecretKey, randomBytes, randomFillSync, randomUUIDv7 } from 'node:crypto'
import Database from 'better-sqlite3'
import { rollRows } from '../../src/bench/roll-rows.ts'
import type { RollRow } from '../../src/demo/people.ts'

// What an import of the roll is compared with: the same fields sealed and indexed by node alone, and the same rows put into the same
// tables by better-sqlite3 alone, prepared and a transaction a batch. It reads no file and checks nothing. Prints what it took.
const [file = '', count = '0'] = process.argv.slice(2)
const BATCH = 500
const [sealKey, indexKey] = [createSecretKey(randomBytes(32)), createSecretKey(randomBytes(32))]

const pool = Buffer.alloc(12 * 512)
let used = pool.length
function nonce(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += 12
  return pool.subarray(used - 12, used)
}
function seal(place: string, text: string): string {
  const iv = nonce()
  const cipher = createCipheriv('aes-256-gcm', sealKey, iv)
  cipher.setAAD(Buffer.from(place))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return `v1.dev1.${iv.toString('base64url')}.${body.toString('base64url')}.${cipher.getAuthTag().toString('base64url')}`
}
const index = (text: string) => createHmac('sha256', indexKey).update(text).digest('base64url')

const database = new Database(file)
for (const pragma of ['journal_mode=WAL', 'synchronous=FULL', 'cache_size=-64000']) database.pragma(pragma)
const person = database.prepare(
  `insert into people (id, national_id_sealed, national_id_index, full_name, msisdn, tsc_number_sealed, tsc_number_index, kra_pin_sealed,
   qualification, subjects, home_county, home_sub_county, workstation_code, status, at) values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
)
const word = database.prepare('insert into name_words (word, person_id, county) values (?,?,?)')
const insert = database.transaction((rows: readonly RollRow[], at: number) => {
  for (const row of rows) {
    const id = randomUUIDv7()
    person.run(
      id,
      seal(`people.national_id:${id}`, row.national_id),
      index(row.national_id),
      row.full_name,
      row.phone,
      seal(`people.tsc_number:${id}`, row.tsc_number),
      index(row.tsc_number),
      seal(`people.kra_pin:${id}`, row.kra_pin),
      row.qualification,
      '["mathematics","physics"]',
      row.home_county,
      row.home_sub_county,
      row.workstation_code,
      row.status,
      at,
    )
    for (const each of new Set(row.full_name.toLowerCase().split(' '))) word.run(each, id, row.home_county)
  }
})

let took = 0
let cpu = 0
function write(rows: readonly RollRow[]) {
  const [from, before] = [performance.now(), process.cpuUsage()]
  insert(rows, Date.now())
  took += performance.now() - from
  const { user, system } = process.cpuUsage(before)
  cpu += user + system
}
let batch: RollRow[] = []
for (const row of rollRows(Number(count))) {
  batch.push(row)
  if (batch.length < BATCH) continue
  write(batch)
  batch = []
}
if (batch.length > 0) write(batch)
const { people } = database.prepare('select count(*) as people from people').get() as { people: number }
database.close()
process.stdout.write(JSON.stringify({ people, seconds: took / 1_000, cpu: cpu / 1e6 }))
