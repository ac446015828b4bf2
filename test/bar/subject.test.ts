import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { acting } from '../../src/acting.ts'
import type { Actor } from '../../src/action.ts'
import { disputePlace } from '../../src/attendance/own.ts'
import { DAY } from '../../src/base/dates.ts'
import type { Msisdn } from '../../src/base/msisdn.ts'
import { orderRules } from '../../src/catalogue.ts'
import { downloadLetter } from '../../src/letters/letter.ts'
import { answerOrder } from '../../src/orders/decide.ts'
import { payeePlace } from '../../src/pay/payee.ts'
import { beginChange, confirmChange, openTicket } from '../../src/people/changes.ts'
import { addDocument } from '../../src/people/documents.ts'
import { askErasure } from '../../src/people/erasure.ts'
import { everythingHeld } from '../../src/people/held.ts'
import { type FieldName, writeField } from '../../src/people/profile-fields.ts'
import { applyRoll, rollRow } from '../../src/people/roll.ts'
import { TASKS } from '../../src/schedule.ts'
import { stageRows } from '../../src/sheets/staged.ts'
import { takeInbound } from '../../src/sms/inbound.ts'
import { runOnDesk } from '../kit/command.ts'
import { type OpenDesk, openDesk, session } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'
import { profileAnswers } from '../kit/town.ts'
import { size, tried } from './row.ts'

const PEOPLE = size({ quick: 1, full: 10 })
const PIN = '482917'
const by = (name: string): Actor => ({ via: 'cli', name: `operator:${name}`, signed: false, language: 'en' })

/** Made up, and nowhere else: `n` is 0 for the one who stays. */
const subject = (n: number) => ({
  n,
  row: {
    national_id: String(83_640_271 + 7_919 * n),
    full_name: `Mtuwa${'abcdefghijkl'[n]} Wakujaribiwa`,
    phone: `07000008${String(10 + n)}`,
    tsc_number: String(6_283_185 + 31 * n),
    kra_pin: `A${618_033_988 + 104_729 * n}K`,
    qualification: 'degree',
    subjects: 'mathematics;physics',
    home_county: 'Kisumu',
    home_sub_county: 'Kisumu East',
    workstation_code: '42101001',
    status: 'vetted',
  },
  msisdn: `+2547000008${10 + n}` as Msisdn,
  newNumber: `+2547000007${10 + n}` as Msisdn,
  profile: {
    town: `Mjiwa${'abcdefghijkl'[n]}kale`,
    account_number: String(7_390_154_826_013 + n),
    account_name: `Jinala${'abcdefghijkl'[n]} Benki`,
    kin_name: `Ndugu${'abcdefghijkl'[n]} Yangu`,
    kin_phone: `+2547123498${10 + n}`,
    nssf: String(2_007_281_390 + n),
    sha: `CR${4_669_201_609_102 + n}-5`,
  } satisfies Partial<Record<FieldName, string>>,
  said: `habari za leo, naitwa namba ${9_000_017 + n}`,
  reason: `ninaugua sana tangu ${8_000_113 + n}`,
  dispute: `nilikuwepo kazini ${7_000_211 + n}`,
  paidInto: String(5_550_001_234_567 + n),
  label: `Shahada nambari ${6_000_331 + n}`,
  paper: `siri ya cheti ${4_000_557 + n}`,
})
type Subject = ReturnType<typeof subject>

let desk: OpenDesk
beforeAll(async () => {
  desk = await openDesk()
})
afterAll(() => desk.close())
const read = () => desk.app.store.read

/** Everything that a person can leave behind, by the service's own doors where there is one. Gives the row id. */
async function live({ row, msisdn, newNumber, profile, ...one }: Subject): Promise<string> {
  const { app, clock } = desk
  const { national_id } = row
  await app.store.work('roll', (tx) => applyRoll(tx, app, clock.now(), [rollRow.parse(row)]))
  await operate(app, { account: { phone: row.phone, national_id, pin: PIN, profile: 'none' } })
  const [{ id = '' } = {}] = await read().select().from(read().people).where(eq(read().people.msisdn, msisdn))
  const wrong = session(desk.desk, msisdn)
  await wrong.dial()
  await wrong.type('4', '314159')
  await app.store.work('profile', async (tx) => {
    const scene = { tx, tools: app, at: clock.now() }
    const answers = {
      ...profileAnswers,
      ...profile,
      subjects: 'mathematics;physics',
      kra_pin: row.kra_pin,
      tsc_number: row.tsc_number,
    }
    for (const [field, value] of Object.entries(answers)) await writeField(scene, id, field as FieldName, value)
  })
  const sms = (text: string, key: string) => {
    const { actions, formats } = desk.desk
    return takeInbound(
      { app, actions, formats, keywords: desk.keywords },
      { id: `${key}-${one.n}`, from: msisdn, text, to: '22262' },
    )
  }
  await sms(one.said, 'said')
  await sms('APPLY KCSE26INV', 'apply')
  await operate(app, { deploy: { national_id, job: 'KCSE26INV', centre: '42101002' }, publish: true })
  const code = (await desk.texts(msisdn)).flatMap((text) => /\/l\/(\S{19})/.exec(text)?.[1] ?? [])[0] ?? ''
  expect(await downloadLetter(app, code, national_id.slice(-4))).toHaveProperty('letter')
  await sms(`DECLINE ${one.reason}`, 'decline')
  const [duty] = await read().select().from(read().deployments).where(eq(read().deployments.personId, id))
  expect(duty?.reasonSealed).not.toBeNull()
  await app.store.work('served', async (tx) => {
    const at = clock.now()
    const where = { jobCode: 'KCSE26INV', centreCode: '42101002', county: 'Kisumu' }
    const [day, deploymentId] = ['2026-11-05', duty?.id ?? '']
    const disputeSealed = app.keyring.seal(disputePlace(deploymentId, day), one.dispute)
    await tx
      .insert(tx.attendance)
      .values({ deploymentId, day, ...where, mark: 'absent', by: 'self', at, disputedAt: at, disputeSealed })
    const payee = JSON.stringify({ account: one.paidInto, name: profile.account_name, branch: '' })
    const sums = { days: 1, rateKes: 550, allowanceKes: 0, deductionKes: 0, totalKes: 550, bank: '01' }
    const line = {
      id: `line-${id}`,
      listId: 'list',
      deploymentId,
      personId: id,
      county: 'Kisumu',
      state: 'paid',
      changedAt: at,
    } as const
    await tx.insert(tx.payLines).values({ ...line, ...sums, payeeSealed: app.keyring.seal(payeePlace(line.id), payee) })
    await tx.insert(tx.devices).values({ id: `device-${id}`, personId: id, label: 'Chrome, Android', at, seenAt: at })
    await tx.insert(tx.declarations).values({ personId: id, centreCode: '42102001', why: 'relation', at })
  })
  // A new number, asked for with a code to each, waits for an officer.
  const actor: Actor = { via: 'web', name: `person:${id}`, msisdn, signed: true, language: 'en' }
  const owner = { id, msisdn, county: 'Kisumu' }
  const begun = await beginChange(app, actor, owner, { kind: 'phone', input: { to: newNumber } })
  const ticket = 'ticket' in begun ? openTicket(app, owner, begun.ticket) : undefined
  if (!ticket) throw new Error('no change was begun')
  const codeTo = async (to: string) => /\b\d{6}\b/.exec((await desk.texts(to)).at(-1) ?? '')?.[0] ?? ''
  const codes = { phone_old: await codeTo(msisdn), phone_new: await codeTo(newNumber) } as Record<string, string>
  expect(await confirmChange(app, actor, owner, ticket, (purpose) => codes[purpose] ?? '')).toHaveProperty('order')
  const pdf = Buffer.from(
    `%PDF-1.4\n1 0 obj\n<< /Title (${one.paper}) >>\nendobj\nxref\n0 1\ntrailer\n<<>>\nstartxref\n80\n%%EOF`,
  )
  expect(await addDocument(app, actor, { personId: id, label: one.label, bytes: pdf, once: 'one' })).toHaveProperty('id')
  await stageRows(app, `upload-${id}`, [row])
  // One-time passwords and codes are forgotten once they were handed over.
  await app.store.work('sent', (tx) => tx.update(tx.outbox).set({ status: 'delivered' }).where(eq(tx.outbox.status, 'queued')))
  return id
}

/** What is held of somebody and can be read. */
const clearOf = ({ row, msisdn, newNumber, profile, ...one }: Subject): string[] => [
  row.national_id,
  row.full_name,
  row.tsc_number,
  row.kra_pin,
  msisdn,
  newNumber,
  ...Object.values(profile),
  ...[one.said, one.reason, one.dispute, one.paidInto, one.label],
]

/** Every cell of the database that a key, or a guess, could turn back into something personal. */
async function secretsIn(): Promise<Set<string>> {
  const found = new Set<string>()
  for (const table of tables())
    for (const row of (await read()
      .select()
      .from(table as never)) as Record<string, unknown>[])
      for (const [name, value] of Object.entries(row))
        if (typeof value === 'string' && (value.startsWith('v1.') || (/(Index|Hash|Digest)$/.test(name) && name !== 'digest')))
          found.add(value)
  return found
}
const tables = () => Object.values(read()).filter((each) => typeof each === 'object' && each !== null && 'getSQL' in each)
const rowsAbout = async (...marks: string[]) => {
  const rows: string[] = []
  for (const table of tables())
    for (const row of (await read()
      .select()
      .from(table as never)) as object[]) {
      const text = JSON.stringify(row)
      if (marks.some((mark) => text.includes(mark))) rows.push(text)
    }
  return rows.sort()
}

const linesIn = (folder: string) =>
  readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'latin1').split('\n').filter(Boolean))

/** Every file of the service as it lies on the disk. */
const bytesOnDisk = () =>
  readdirSync(desk.folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(desk.folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path).toString('latin1'))
    .join('\n')

test('an export holds all of somebody; after an erasure and a night nothing of it is left on the disk, and a second person is untouched', async (context) => {
  const { app, clock } = desk
  const stays = subject(0)
  const go = Array.from({ length: PEOPLE }, (_, n) => subject(n + 1))
  const before = await secretsIn()
  const ids: string[] = []
  for (const each of go) ids.push(await live(each))
  const files = ['documents', 'uploads'].flatMap((folder) => linesIn(join(desk.folder, folder)))
  expect(files.length).toBeGreaterThanOrEqual(2 * PEOPLE)
  const secrets = [...files, ...[...(await secretsIn())].filter((each) => !before.has(each))]
  expect(secrets.length).toBeGreaterThan(30 * PEOPLE)
  const second = await live(stays)

  const first = go[0] as Subject
  const file = join(desk.folder, 'held.json')
  expect(await wito('person', 'export', first.row.national_id, '--out', file)).toEqual({ code: 0, out: '', err: '' })
  const told = readFileSync(file, 'utf8')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  rmSync(file)
  expect(clearOf(first).filter((canary) => !told.includes(canary))).toEqual([])
  expect(clearOf(stays).filter((canary) => told.includes(canary))).toEqual([])
  const [paper] = (JSON.parse(told) as { certificate_files: { base64: string }[] }).certificate_files
  expect(Buffer.from(paper?.base64 ?? '', 'base64').toString()).toContain(first.paper)

  // The number of the roll is an old one, which the second person has by now.
  await app.store.work('old', (tx) =>
    tx
      .update(tx.people)
      .set({ msisdn: stays.msisdn })
      .where(eq(tx.people.id, ids[0] ?? '')),
  )
  const untouched = await rowsAbout(second)
  for (const id of ids) {
    const order = await askErasure(app, by('one'), { id, county: 'Kisumu' }, 'asked by letter')
    const [asked] = await read().select().from(read().orders).where(eq(read().orders.id, order))
    const digest = asked?.digest ?? ''
    expect(await answerOrder(app, by('one'), orderRules, { id: order, digest, yes: true })).toEqual({ refused: 'own' })
    expect(await answerOrder(app, by('two'), orderRules, { id: order, digest, yes: true })).toHaveProperty('order')
  }
  expect(await rowsAbout(second)).toEqual(untouched)
  const heldOf = (id: string) =>
    acting(app, by('one'), 'people.export', id, async (scene) => [
      JSON.stringify(await everythingHeld(scene, id)),
      { outcome: 'done' },
    ])
  const still = await heldOf(second)
  expect(clearOf(stays).filter((canary) => !still.includes(canary))).toEqual([])

  await app.store.work('sent', (tx) => tx.update(tx.outbox).set({ status: 'delivered' }).where(eq(tx.outbox.status, 'queued')))
  clock.move(2 * DAY)
  for (const { name, run } of TASKS) if (name !== 'back up') await run(app)
  const bytes = bytesOnDisk()
  expect(bytes).toContain(stays.row.full_name)
  const left = [...go.flatMap(clearOf), ...secrets].filter((canary) => bytes.includes(canary))
  expect(left).toEqual([])
  expect((await rowsAbout(second)).length).toBeGreaterThan(10)
  const canaries = go.flatMap(clearOf).length + secrets.length
  tried(
    context,
    `${PEOPLE} erased: each export held every one of ${clearOf(first).length} canaries, ${canaries.toLocaleString('en')} clear, sealed, indexed and hashed texts looked for in every file afterwards, 0 left; a second person's rows the same to the byte`,
  )
}, 120_000)

const wito = (...words: string[]) => runOnDesk(desk.folder, words)
