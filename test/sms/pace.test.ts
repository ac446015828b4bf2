import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { openPace } from '../../src/sms/pace.ts'
import { number, openQueue } from './kit.ts'
import { most } from './most.ts'

test('the count that the others rest on', () => {
  expect(most([])).toBe(0)
  expect(most([0, 999, 1_000])).toBe(2)
  expect(most([5, 1_004.9, 1_005, 2_003])).toBe(3)
})

const span = (max: number) => fc.double({ min: 0, max, noNaN: true })
const message = fc.record({
  /** Passes before the turn is asked for. */
  gap: fc.oneof(fc.constant(0), span(60), span(2_500)),
  /** On its way there, and back. */
  there: fc.oneof(fc.constant(0), span(40), span(3_000)),
  back: fc.oneof(fc.constant(0), span(40), span(3_000)),
})

/** When messages arrive, each after its turn, on a clock that stands still but for gaps and for sleeps, which end `late`. */
async function arrivals(perSecond: number, messages: { gap: number; there: number; back: number }[], late: () => number) {
  const due: { at: number; answered: () => void }[] = []
  let ticks = 0
  const pass = (until: number) => {
    while (due[0] && due[0].at <= until) {
      ticks = due[0].at
      due.shift()?.answered()
    }
    ticks = until
  }
  const sleep = async (ms: number) => pass(ticks + ms + late())
  const pace = openPace({ ticks: () => ticks, sleep }, perSecond)
  const came: number[] = []
  for (const { gap, there, back } of messages) {
    pass(ticks + gap)
    const answered = await pace.turn()
    came.push(ticks + there)
    due.push({ at: ticks + there + back, answered })
    due.sort((a, b) => a.at - b.at)
  }
  return came
}

describe('the turns', () => {
  test('never more than the limit arrive in any 1,000 ms, whatever comes when and however slow the way is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.array(message, { minLength: 1, maxLength: 200 }),
        fc.array(span(400), { minLength: 1, maxLength: 8 }),
        async (perSecond, messages, lateness) => {
          let nap = 0
          const came = await arrivals(perSecond, messages, () => lateness[nap++ % lateness.length] ?? 0)
          expect(came).toHaveLength(messages.length)
          expect(most(came)).toBeLessThanOrEqual(perSecond)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('a slow way does not let the next ones catch up', async () => {
    const slow = Array.from({ length: 5 }, () => ({ gap: 0, there: 900, back: 0 }))
    const quick = Array.from({ length: 5 }, () => ({ gap: 0, there: 0, back: 0 }))
    expect(most(await arrivals(5, [...slow, ...quick], () => 0))).toBe(5)
  })

  test('turns are spread evenly, and the first does not wait', async () => {
    const at = await arrivals(
      5,
      Array.from({ length: 11 }, () => ({ gap: 0, there: 0, back: 0 })),
      () => 0,
    )
    expect(at[0]).toBe(0)
    expect(at.map((time) => Math.round(time / 200))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test.each([
    { perSecond: 300, there: 4, back: 4, late: 2 },
    { perSecond: 100, there: 3, back: 2, late: 1 },
    { perSecond: 20, there: 10, back: 8, late: 4 },
  ])('the limit is used, but for the way there and back: $perSecond a second', async ({ perSecond, there, back, late }) => {
    const seconds = 60
    const messages = Array.from({ length: perSecond * seconds }, () => ({ gap: 0, there, back }))
    const at = await arrivals(perSecond, messages, () => late)
    const each = ((at.at(-1) as number) - (at[perSecond - 1] as number)) / (seconds - 1)
    // A timer ends a whole millisecond and a bit after it should.
    expect(each).toBeLessThan(1_000 + there + back + late + 3)
  })

  test('a heap that is answered slowly does not hold up what comes after it', async () => {
    const slow = Array.from({ length: 100 }, (_, n) => ({ gap: 0, there: n, back: 0 }))
    const quick = Array.from({ length: 2_900 }, () => ({ gap: 0, there: 2, back: 2 }))
    const at = await arrivals(100, [...slow, ...quick], () => 0)
    expect(29_000 / ((at.at(-1) as number) - (at[99] as number))).toBeGreaterThan(0.98)
  })

  test('after another sender nothing goes for 1,000 ms, then as many as before', async () => {
    let ticks = 50
    const sleep = async (ms: number) => {
      ticks += ms
    }
    const pace = openPace({ ticks: () => ticks, sleep }, 3)
    ;(await pace.turn())()
    pace.fill()
    const at: number[] = []
    for (let n = 0; n < 3; n++) {
      const answered = await pace.turn()
      at.push(ticks)
      answered()
    }
    expect(at[0]).toBeGreaterThan(1_050)
    expect(at[2]).toBeLessThan(1_060 + 667)
  })

  test('a wait ends when the sender stops', async () => {
    const stopping = new AbortController()
    const pace = openPace(systemClock, 1)
    await pace.turn(stopping.signal)
    const waiting = pace.turn(stopping.signal)
    stopping.abort()
    await expect(waiting).resolves.toBeTypeOf('function')
  })
})

test('by what the gateway sees: 150 messages at 50 a second', async () => {
  // Fractions of a millisecond, so that rounding cannot hide a message too many, nor make one up.
  const { write, sender, emulator, app } = await openQueue({ emulator: { clock: { ...systemClock, now: systemClock.ticks } } })
  for (let n = 0; n < 150; n++) await write('bulk', number(n), `Alert ${n}`)
  const { idle } = sender({ app, perSecond: 50 })
  await idle()
  const came = await emulator.messages()
  expect(new Set(came.map(({ text }) => text)).size).toBe(150)
  expect(most(came.map(({ at }) => at))).toBeLessThanOrEqual(50)
})
