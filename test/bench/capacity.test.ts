import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Capacity, capacityOf, ceilings, GIVEN } from '../../src/bench/capacity.ts'
import { capacityTables, SIZES } from '../../src/bench/capacity-paper.ts'
import { chanceOf } from '../kit/chance.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const { machine, house, plan, morning } = GIVEN

test('every table of docs/capacity.md is the one that the model prints, and it has no other', () => {
  const tables = read('docs/capacity.md')
    .split(/\n\n/)
    .filter((part) => part.startsWith('|'))
  expect(tables.map((table) => table.trim())).toEqual(capacityTables())
})

test('what the model knows of the code stands in the code', () => {
  const hashing = read('src/security/hashing.ts')
  expect(hashing).toContain(`lanes = ${house.hashLanes.value},`)
  expect(hashing).toContain('memory: 19_456')
  expect(house.hashMb.value).toBe(19_456 / 1_024)
  expect(read('src/store/postgres.ts')).toContain(`max: ${house.connections.value} `)
  expect(read('src/config.ts')).toContain(
    `SMS_PER_SECOND: whole(1, ${house.smsPerSecondMost.value}).default(${house.smsPerSecond.value})`,
  )
})

describe('what gives way', () => {
  const of = (what: string) => {
    const found = ceilings().find((each) => each.what.startsWith(what))
    if (!found) throw new Error(`nothing is said of ${what}`)
    return capacityOf(found.people)
  }

  test('gives way just there, by the model itself', () => {
    expect(of('HOPS_IN_ALL').hopLimit).toBeCloseTo(1, 9)
    expect(of('SMS_IN_ALL').smsLimit).toBeCloseTo(1, 9)
    expect(of('answers by SMS').smsRate).toBeCloseTo(house.smsPerSecond.value, 9)
    expect(of('SMS_PER_SECOND at its largest').smsRate).toBeCloseTo(house.smsPerSecondMost.value, 6)
    expect(of('letters of all').letterDays).toBeCloseTo(house.noticeDays.value, 9)
    expect(of('hops of one process').rate.hops / machine.hopsPerCore.value).toBeCloseTo(plan.utilisation.value, 9)
    expect(of('PINs').busy.hashes).toBeCloseTo(plan.utilisation.value * house.hashLanes.value, 9)
    const server = of('hops of one database server').people
    expect([capacityOf(server * 0.999).servers, capacityOf(server * 1.001).servers]).toEqual([1, 2])
  })

  test('is told in the order in which it does', () => {
    const people = ceilings().map((each) => each.people)
    expect(people).toEqual(people.toSorted((a, b) => a - b))
  })
})

/** A number between 0 and 1, never 0. */
const fraction = (chance: ReturnType<typeof chanceOf>) => (chance.below(1_000_000) + 1) / 1_000_001
/** Waits between what comes by chance, `rate` of them a second. */
const gap = (chance: ReturnType<typeof chanceOf>, rate: number) => -Math.log(fraction(chance)) / rate

test.each(SIZES)('of %i people so many calls are open as Little says, when calls begin by chance', (people) => {
  // The largest is played at a hundredth of its size.
  const needs = capacityOf(people / (people > 1_000_000 ? 100 : 1))
  const chance = chanceOf(7)
  const seconds = 1_200
  const warm = 300
  const hopsOfCall = needs.rate.hops / needs.rate.calls
  let open = 0
  for (let at = gap(chance, needs.rate.calls); at < seconds; at += gap(chance, needs.rate.calls)) {
    // Some calls are short, some long, on average as long as the model says; each answer but the last is read and answered.
    const hops = hopsOfCall * (0.4 + 1.2 * fraction(chance))
    let left = at
    for (let hop = 1; hop < hops; hop++)
      left += morning.secondsAHop.value * (0.5 + fraction(chance)) * (hop + 1 > hops ? hops - hop : 1)
    open += Math.max(0, Math.min(left, seconds) - Math.max(at, warm))
  }
  const average = open / (seconds - warm)
  expect(average / needs.openCalls).toBeGreaterThan(0.97)
  expect(average / needs.openCalls).toBeLessThan(1.03)
})

type Queue = { rate: number; serviceMs: number; servers: number }
/** Milliseconds from arrival to answer in one minute, the shortest first: arrivals and service by chance, `burst` times as many in its tenth second. */
function minute({ rate, serviceMs, servers }: Queue, seed: number, burst = 2): number[] {
  const chance = chanceOf(seed)
  const free = Array.from({ length: servers }, () => 0)
  const took: number[] = []
  const rateAt = (at: number) => (at >= 10 && at < 11 ? rate * burst : rate)
  for (let at = gap(chance, rate); at < 60; at += gap(chance, rateAt(at))) {
    const server = free.indexOf(Math.min(...free))
    const until = Math.max(at, free[server] ?? 0) + gap(chance, 1_000 / serviceMs)
    free[server] = until
    took.push((until - at) * 1_000)
  }
  return took.sort((a, b) => a - b)
}
const p99 = (took: readonly number[]) => took[Math.floor(took.length * 0.99)] ?? 0

/** What the people of one process wait for in the peak minute: every hop, and in it those that check or choose a PIN or password. */
function waits(needs: Capacity, seed: number) {
  const { rate, processes } = needs
  const hops = minute({ rate: rate.hops / processes, serviceMs: 1_000 / machine.hopsPerCoreOnServer.value, servers: 1 }, seed)
  const hashes = { rate: rate.hashes / processes, serviceMs: machine.hashMs.value, servers: house.hashLanes.value }
  // Taken for worse than they are: the hops that hash are the slowest of all, and the others not the fastest.
  const pins = minute(hashes, seed + 100).map((took) => took + (hops.at(-1) ?? 0))
  return { all: p99([...hops.slice(pins.length), ...pins].sort((a, b) => a - b)), pins: p99(pins) }
}

const MOST_MS = 250
const SEEDS = Array.from({ length: 10 }, (_, n) => n + 1)

describe.each(SIZES)('of %i people the peak minute', (people) => {
  const needs = capacityOf(people)

  test('keeps 99 of 100 hops within 250 ms and 99 of 100 PINs within a second, one second with twice the calls included', () => {
    for (const seed of SEEDS) {
      const { all, pins } = waits(needs, seed)
      expect(all).toBeLessThan(MOST_MS)
      expect(pins).toBeLessThan(1_000)
    }
  })

  test('does not with half of the processes', () => {
    for (const seed of SEEDS) expect(waits({ ...needs, processes: needs.processes / 2 }, seed).all).toBeGreaterThan(MOST_MS)
  })

  test('needs connections of the first process of each node too, and is told where PostgreSQL lets in fewer', () => {
    expect(needs.connections).toBe((needs.processes + needs.nodes) * house.connections.value)
    expect(needs.aboveUsual).toBe(needs.connections / needs.servers > 100)
    expect(capacityOf(50_000).aboveUsual).toBe(false)
  })

  test('leaves no process, node or server busier than was aimed at', () => {
    const most = plan.utilisation.value + 1e-9
    expect(needs.busy.hops / needs.processes).toBeLessThanOrEqual(most)
    expect(needs.busy.hashes / (needs.processes * house.hashLanes.value)).toBeLessThanOrEqual(most)
    // With one node lost.
    expect((needs.busy.hops + needs.busy.hashes) / ((needs.nodes - 1) * plan.coresPerNode.value)).toBeLessThanOrEqual(most)
    expect(needs.rate.hops / (needs.servers * machine.serverHops.value)).toBeLessThanOrEqual(most)
  })
})

test('what the paper says of the simulation is what it shows', () => {
  const seen = SIZES.flatMap((people) => SEEDS.map((seed) => waits(capacityOf(people), seed)))
  const worst = (name: 'all' | 'pins') => Math.ceil(Math.max(...seen.map((each) => each[name])))
  expect(read('docs/capacity.md')).toContain(
    `99 of 100 hops were answered within ${worst('all')} ms at the worst, 99 of 100 PINs within ${worst('pins')} ms`,
  )
})

test('a process as full as the plan allows holds too, and one without room to spare does not', () => {
  const serviceMs = 1_000 / machine.hopsPerCoreOnServer.value
  const full = { rate: machine.hopsPerCoreOnServer.value * plan.utilisation.value, serviceMs, servers: 1 }
  expect(p99(minute(full, 4))).toBeLessThan(MOST_MS)
  expect(p99(minute({ ...full, rate: machine.hopsPerCoreOnServer.value * 1.05 }, 5))).toBeGreaterThan(MOST_MS)
  // Without the second of twice as many, the simulation is a queue whose mean is known.
  const even = minute(full, 6, 1)
  const known = serviceMs / (1 - plan.utilisation.value)
  const mean = even.reduce((total, each) => total + each, 0) / even.length
  expect(mean / known).toBeGreaterThan(0.95)
  expect(mean / known).toBeLessThan(1.05)
})
