import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { systemClock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { readConfig } from '../../config.ts'
import { loadDemonstration } from '../../demo/load.ts'
import type { LetterFacts } from '../../letters/facts.ts'
import { openLetter } from '../../letters/letter.ts'
import { openPress } from '../../letters/press.ts'
import { codeOf } from '../../links/token.ts'
import { openApp } from '../../open.ts'
import { ranChild } from '../child.ts'
import { median, type Run, type Work } from '../figure.ts'
import { startReference } from '../reference.ts'
import { repeated } from '../repeat.ts'
import { settingsFor, startService } from '../service.ts'
import { turns } from '../turns.ts'

type Demonstrated = { facts: LetterFacts; path: string; last4: string }

/** The demonstration, in a database of its own, with links that never run out, and every letter of it. */
async function demonstrated({
  scratch,
}: Pick<Run, 'scratch'>): Promise<{ settings: Record<string, string>; letters: Demonstrated[] }> {
  const settings = settingsFor(scratch)
  const { app, close } = await openApp(readConfig(settings))
  try {
    await loadDemonstration(app)
    await app.store.work('bench', async (tx) => void (await tx.update(tx.links).set({ downloadsLeft: 1_000_000_000 })))
    const { read } = app.store
    const { links, letters, people } = read
    const rows = await read
      .select({ id: letters.id, link: links.id, person: people.id, sealed: people.nationalIdSealed })
      .from(links)
      .innerJoin(letters, eq(letters.id, links.letterId))
      .innerJoin(people, eq(people.id, letters.personId))
    const found: Demonstrated[] = []
    for (const { id, link, person, sealed } of rows) {
      const opened = await openLetter(app, id)
      if (!opened) throw new Fault('not_found', 'a link of the demonstration leads nowhere')
      const last4 = app.keyring.open(`people.national_id:${person}`, sealed).slice(-4)
      found.push({ facts: opened.facts, path: `/l/${codeOf(app.keyring, 'download', link)}`, last4 })
    }
    return { settings, letters: found }
  } finally {
    await close()
  }
}

const WORKERS = 2
const PDFMAKE = new URL('../pdfmake-child.ts', import.meta.url)

export const letters: Work = {
  about: 'distinct letters by the press and its threads beside pdfmake in one thread',
  async measure(run) {
    const { letters } = await demonstrated(run)
    const press = openPress({ workers: WORKERS })
    let n = 0
    // A letter that nobody drew before.
    const next = (): [string, LetterFacts] => {
      const { facts } = letters[n % letters.length] as Demonstrated
      return [`bench-${n++}`, { ...facts, reference: `KCSE/INV/2026/${String(n).padStart(7, '0')}` }]
    }
    const cpu: Record<'ours' | 'theirs', number[]> = { ours: [], theirs: [] }
    const ours = (seconds: number) => perSecond(seconds, 2 * WORKERS, cpu.ours, () => press.print(...next()))
    const theirs = async (seconds: number) => {
      const input = { letters: letters.map(({ facts }) => facts), seconds }
      const { perSecond, cpuMs } = await ranChild<{ perSecond: number; cpuMs: number }>(PDFMAKE, { input })
      cpu.theirs.push(cpuMs)
      return perSecond
    }
    try {
      const pairs = await turns(run, 'letters', ours, theirs)
      const [one, other] = [median(cpu.ours.slice(1)), median(cpu.theirs.slice(1))]
      return [
        {
          work: `letters drawn, ${WORKERS} threads`,
          reference: 'pdfmake in one thread',
          unit: '/s',
          pairs,
          reach: { atLeast: 1.7 },
          note: `a letter takes ${one.toFixed(1)} ms of CPU, the reference's ${other.toFixed(1)}`,
        },
      ]
    } finally {
      await press.close()
    }
  },
}

/** How many a second are done with so many under way, over so many seconds or one each; notes in `cpu` the milliseconds of CPU of each. */
async function perSecond(seconds: number, underWay: number, cpu: number[], one: () => Promise<unknown>): Promise<number> {
  const [from, before] = [systemClock.ticks(), process.cpuUsage()]
  let done = 0
  const line = async () => {
    do {
      await one()
      done++
    } while (systemClock.ticks() - from < seconds * 1_000)
  }
  await Promise.all(Array.from({ length: underWay }, line))
  const { user, system } = process.cpuUsage(before)
  cpu.push((user + system) / 1_000 / done)
  return done / ((systemClock.ticks() - from) / 1_000)
}

const CONNECTIONS = 100

export const cached: Work = {
  about: 'a letter that was drawn before, fetched by its link, beside the same file from Koa',
  async measure(run) {
    const { settings, letters } = await demonstrated(run)
    const files = join(run.scratch, 'pdf')
    mkdirSync(files)
    const service = await startService(settings)
    try {
      for (const [n, { path, last4 }] of letters.entries()) {
        const answer = await fetch(service.url + path, { method: 'POST', body: new URLSearchParams({ id_last4: last4 }) })
        writeFileSync(join(files, `${n}.pdf`), Buffer.from(await answer.arrayBuffer()))
      }
      const koa = await startReference(new URL('../static-child.ts', import.meta.url), files)
      try {
        const [begins, connections] = ['%PDF-', CONNECTIONS]
        const asked = letters.map(({ path, last4 }) => ({ method: 'POST' as const, path, body: `id_last4=${last4}` }))
        const plain = letters.map((_, n) => ({ method: 'GET' as const, path: `/${n}.pdf` }))
        const ours = async (seconds: number) =>
          (await repeated({ url: service.url, requests: asked, connections, seconds, begins })).perSecond
        const theirs = async (seconds: number) =>
          (await repeated({ url: new URL(koa.url).origin, requests: plain, connections, seconds, begins })).perSecond
        return [
          {
            work: `a cached letter, ${CONNECTIONS} connections`,
            reference: 'a static file from Koa',
            unit: '/s',
            pairs: await turns(run, 'letters', ours, theirs),
            reach: { atLeast: 0.8 },
          },
        ]
      } finally {
        await koa.stop()
      }
    } finally {
      await service.stop()
    }
  },
}
