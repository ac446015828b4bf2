import type { App } from '../app.ts'
import { addDays, nairobiDay } from '../base/dates.ts'
import { publish } from '../deployments/publish.ts'
import { codeOf } from '../links/token.ts'
import { inSlices, into, invigilators, UNTOUCHED } from './rows.ts'

const JOB = 'BENCHBUSY'

export type Letter = { code: string; last4: string }

/** Letters as officers release them, with the codes of their links and the digits that open them. */
export async function issued(app: App, most: number): Promise<Letter[]> {
  const today = nairobiDay(app.clock.now())
  const reportOn = addDays(today, 20)
  const { read } = app.store
  const [station] = await read.select().from(read.stations).limit(1)
  const people = await read.select({ id: read.people.id, county: read.people.homeCounty }).from(read.people).limit(most)
  const job = invigilators(JOB, 'BENCH2026', {
    opensOn: addDays(today, -60),
    closesOn: addDays(today, -30),
    startsOn: reportOn,
    endsOn: addDays(reportOn, 10),
  })
  await app.store.work('bench', async (tx) => void (await tx.insert(tx.jobs).values(job)))
  await inSlices(app.store, people.length, 500, async (tx, n) => {
    const { id, county } = people[n] as (typeof people)[number]
    await intoDeployments(tx, {
      ...UNTOUCHED,
      id: app.clock.id(),
      personId: id,
      jobCode: JOB,
      centreCode: station?.centreCode ?? '',
      county,
      reportOn,
      status: 'draft',
      changedAt: app.clock.now(),
    })
  })
  await publish(app, { job: JOB })
  const rows = await read.select({ id: read.links.id, letterId: read.links.letterId }).from(read.links)
  const held = await read.select({ id: read.letters.id, personId: read.letters.personId }).from(read.letters)
  const personOf = new Map(held.map(({ id, personId }) => [id, personId]))
  const sealed = new Map(
    (await read.select({ id: read.people.id, sealed: read.people.nationalIdSealed }).from(read.people)).map((row) => [
      row.id,
      row.sealed,
    ]),
  )
  return rows.map(({ id, letterId }) => {
    const person = personOf.get(letterId) ?? ''
    const nationalId = app.keyring.open(`people.national_id:${person}`, sealed.get(person) ?? '')
    return { code: codeOf(app.keyring, 'download', id), last4: nationalId.slice(-4) }
  })
}

const intoDeployments = into('deployments')
