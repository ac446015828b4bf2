import { eq } from 'drizzle-orm'
import type { App } from '../app.ts'
import { nairobiDay } from '../base/dates.ts'
import { Fault } from '../base/fault.ts'
import { importDeployments } from '../deployments/import.ts'
import { publish } from '../deployments/publish.ts'
import { newReference } from '../jobs/apply.ts'
import { applyJobs, jobRow } from '../jobs/job-row.ts'
import { applyStations, stationRow } from '../jobs/station.ts'
import { copyFromRoll, type FieldName, fieldNames, writeField } from '../people/profile-fields.ts'
import { applyRoll, rollRow } from '../people/roll.ts'
import type { Tx } from '../store/store.ts'
import { demo } from './demo.ts'
import { profileFor } from './profile.ts'

export { tryThese } from './demo.ts'

const AT_ONCE = 50

/** Fills an empty database with the made-up national exam, in the same way as the operator's imports. */
export async function loadDemonstration(app: App): Promise<void> {
  const { store, clock } = app
  const made = demo(nairobiDay(clock.now()))
  await store.work('demo', async (tx) => {
    await applyStations(
      tx,
      made.stations.map((row) => stationRow.parse(row)),
    )
    await applyJobs(
      tx,
      clock.now(),
      made.jobs.map((row) => jobRow.parse(row)),
    )
  })
  for (const rows of slices(made.roll))
    await store.work('demo', (tx) =>
      applyRoll(
        tx,
        app,
        clock.now(),
        rows.map((row) => rollRow.parse(row)),
      ),
    )
  const pins = new Map<string, string>()
  for (const { pin } of made.accounts) if (pin && !pins.has(pin)) pins.set(pin, await app.hasher.hash(pin))
  // Nobody knows this password: whoever wants one asks for a new one by SMS.
  for (const rows of slices(made.accounts))
    await store.work('demo', async (tx) => void (await writeAccounts(app, tx, rows, pins)))
  for (const rows of slices(made.applications))
    await store.work('demo', async (tx) => void (await writeApplications(app, tx, rows)))
  const imported = await importDeployments(app, numbered(made.deployments))
  if ('bad' in imported)
    throw new Fault('bad_file', `the demonstration's own deployments are refused: ${imported.bad[0]?.message}`)
  await publish(app, {})
  await store.work('demo', async (tx) => {
    await tx
      .insert(tx.facts)
      .values({ name: 'demonstration', value: nairobiDay(clock.now()) })
      .onConflictDoNothing()
  })
}

async function* numbered(rows: Demo['deployments']) {
  for (const [place, values] of rows.entries()) yield { row: place + 1, values }
}

type Demo = ReturnType<typeof demo>

async function writeAccounts(app: App, tx: Tx, rows: Demo['accounts'], pins: ReadonlyMap<string, string>) {
  const at = app.clock.now()
  const scene = { tx, at, tools: app }
  for (const { nationalId, profile, pin, language } of rows) {
    const person = await personOf(app, tx, nationalId)
    if (!person) continue
    await tx
      .insert(tx.accounts)
      .values({
        personId: person.id,
        msisdn: person.msisdn,
        pinHash: (pin && pins.get(pin)) ?? null,
        alerts: true,
        createdAt: at,
      })
      .onConflictDoNothing()
    await tx.insert(tx.subscribers).values({ msisdn: person.msisdn, language }).onConflictDoNothing()
    await copyFromRoll(scene, person)
    const answers = profileFor(person)
    const filled: FieldName[] = profile === 'complete' ? fieldNames : profile === 'partial' ? fieldNames.slice(0, 9) : []
    for (const field of filled) await writeField(scene, person.id, field, answers[field])
  }
}

async function writeApplications(app: App, tx: Tx, rows: Demo['applications']) {
  const at = app.clock.now()
  for (const { nationalId, jobCode, status } of rows) {
    const person = await personOf(app, tx, nationalId)
    if (!person) continue
    await tx
      .insert(tx.applications)
      .values({
        id: app.clock.id(),
        reference: newReference(app.clock),
        personId: person.id,
        jobCode,
        county: person.homeCounty,
        subCounty: person.homeSubCounty,
        status,
        at,
        changedAt: at,
      })
      .onConflictDoNothing()
  }
}

async function personOf(app: App, tx: Tx, nationalId: string) {
  const [person] = await tx
    .select()
    .from(tx.people)
    .where(eq(tx.people.nationalIdIndex, app.keyring.index('national_id', nationalId)))
  return person
}

function slices<T>(rows: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(rows.length / AT_ONCE) }, (_, place) =>
    rows.slice(place * AT_ONCE, (place + 1) * AT_ONCE),
  )
}
