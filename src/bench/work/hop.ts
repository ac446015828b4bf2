import { existsSync } from 'node:fs'
import { type CrowdSize, nation } from '../crowd.ts'
import type { Figure, Run, Work } from '../figure.ts'
import { type Load, onwards } from '../load.ts'
import { callersOf, nationOf } from '../nation.ts'
import { type Reference, startReference } from '../reference.ts'
import { startService } from '../service.ts'
import { turns } from '../turns.ts'

const FEW = nation(1_000)
const BUILDER = new URL('../../../test/bench/builder-child.ts', import.meta.url)

type Measured = Figure['pairs']

const inTurns = (run: Run, ours: Load, theirs: Load): Promise<Measured> => {
  const perSecond = (load: Load) => {
    const played = onwards(load)
    return async (seconds: number) => (await played({ seconds })).perSecond
  }
  return turns(run, `hops on ${ours.connections} connections`, perSecond(ours), perSecond(theirs))
}

export const loadOn = (url: string, size: CrowdSize, connections: number): Load => ({
  url,
  connections,
  seconds: 1,
  ...callersOf(size),
  named: true,
})

/** Hops of a service with few people beside the same load on a reference. */
async function beside(run: Run, reference: Reference, connections: readonly number[]): Promise<Measured[]> {
  const service = await startService(await nationOf(run, FEW))
  try {
    const all: Measured[] = []
    for (const many of connections) {
      const ours = loadOn(`${service.url}/callbacks/bench/ussd`, FEW, many)
      all.push(await inTurns(run, ours, { ...ours, url: reference.url, named: false }))
    }
    return all
  } finally {
    await reference.stop()
    await service.stop()
  }
}

export const hop: Work = {
  about: 'a durable USSD hop beside bare Koa',
  async measure(run) {
    const koa = await startReference(new URL('../bare-koa-child.ts', import.meta.url))
    const [few = [], many = []] = await beside(run, koa, [20, 100])
    const figure = (connections: number, pairs: Measured, atLeast: number): Figure => ({
      work: `hop, durable, ${connections} connections`,
      reference: 'bare Koa, a fixed text',
      unit: '/s',
      pairs,
      reach: { atLeast },
    })
    return [figure(20, few, 0.7), figure(100, many, 0.85)]
  },
}

export const builder: Work = {
  about: 'a durable USSD hop beside ussd-menu-builder on express, sessions in memory',
  async measure(run) {
    // It is a dependency of the benchmark alone, and stands with the tests.
    if (!existsSync(BUILDER)) {
      run.say('left out: ussd-menu-builder comes with a checkout only')
      return []
    }
    const [pairs = []] = await beside(run, await startReference(BUILDER), [100])
    return [
      {
        work: 'hop, durable, 100 connections',
        reference: 'ussd-menu-builder on express, in memory',
        unit: '/s',
        pairs,
        reach: { atLeast: 2 },
      },
    ]
  },
}

export const many: Work = {
  about: 'a USSD hop with a nation stored beside itself with 1,000 people',
  async measure(run) {
    const size = nation(run.people)
    const full = await startService(await nationOf(run, size))
    try {
      const few = await startService(await nationOf(run, FEW))
      try {
        const on = (url: string, crowd: CrowdSize) => loadOn(`${url}/callbacks/bench/ussd`, crowd, 100)
        return [
          {
            work: `hop with ${size.people.toLocaleString('en')} people stored`,
            reference: 'itself with 1,000',
            unit: '/s',
            pairs: await inTurns(run, on(full.url, size), on(few.url, FEW)),
            reach: { atLeast: 0.9 },
          },
        ]
      } finally {
        await few.stop()
      }
    } finally {
      await full.stop()
    }
  },
}
