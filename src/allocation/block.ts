import type { Highs, ModelData } from 'highs'
import { metresBetween } from '../base/distance.ts'

/**
 * One block to be assigned: groups of people who are alike (they come from one place and are barred from the same centres), and centres
 * that need some of them. Points stand on a ball, see `onBall`; `barred[i]` names needs by their place. Nobody is sent further than
 * `furthest` metres.
 */
export type Block = {
  groups: Int32Array<ArrayBuffer>
  groupsAt: Float64Array<ArrayBuffer>
  barred: readonly (readonly number[])[]
  needs: Int32Array<ArrayBuffer>
  needsAt: Float64Array<ArrayBuffer>
  furthest: number
}
/**
 * How many of which group go where, three numbers each: group, need, people. `metres` is the sum of their ways, and `bound` what no plan
 * that fills as many can go below: proven by the solver's prices for every pair, also for those that were never offered.
 */
export type Solved = {
  flows: Int32Array<ArrayBuffer>
  filled: number
  metres: number
  bound: number
  rounds: number
  /** What one more place of each need would cost, in metres: whoever lives nearer and is not in the block should be. */
  worth: Float64Array<ArrayBuffer>
}

/** An empty place costs more than any way in the country: as many as possible are filled. */
const EMPTY = 5_000_000
/** Each group is first offered its nearest centres; prices then say which others it should have been offered. */
const NEAREST = 16
const OFFERED_A_ROUND = 12
const MOST_ROUNDS = 40
/** Metres: a smaller gain is rounding. */
const ROUNDING = 1e-4
const NO_WAY = -1
/** So many pairs have a table of their ways, 4 bytes each; where there are more, a way is worked out whenever it is asked for. */
const MOST_IN_TABLE = 40_000_000

/** Pairs that were offered to the solver, column by column; the columns before them are the empty places. */
type Offers = { group: number[]; need: number[]; offered: Set<number> }
/** Metres from the i-th group to the j-th need; {@link NO_WAY} where they may not go. */
type Ways = (i: number, j: number) => number

/** Fills as many needs as can be filled with the least way in all: a transport problem for HiGHS, its columns added as prices ask for them. */
export function solveBlock(highs: Highs, block: Block): Solved {
  const [g, n] = [block.groups.length, block.needs.length]
  if (g === 0 || n === 0)
    return { flows: new Int32Array(0), filled: 0, metres: 0, bound: 0, rounds: 0, worth: new Float64Array(n).fill(EMPTY) }
  const ways = waysOf(block)
  const offers: Offers = { group: [], need: [], offered: new Set() }
  offerNearest(block, ways, offers)
  return highs.withModel((model) => {
    model.options.set({ output_flag: false })
    model.passModel(modelOf(block, ways, offers))
    for (let round = 1; ; round++) {
      model.run()
      const { rowDual, colValue } = model.getSolution()
      const price = fairPrices(rowDual, g)
      const from = offers.group.length
      const lack = offerPriced(block, ways, offers, price)
      if (offers.group.length === from || round >= MOST_ROUNDS) {
        const bound = boundOf(block, price, colValue, lack)
        return { ...solutionOf(block, ways, offers, colValue), bound, rounds: round, worth: price.slice(g) }
      }
      model.addCols(columnsFrom(block, ways, offers, from))
    }
  })
}

function waysOf({ groups, groupsAt, needs, needsAt, barred, furthest }: Block): Ways {
  const [g, n] = [groups.length, needs.length]
  const way = (i: number, j: number) => {
    const metres = metresBetween(groupsAt, i, needsAt, j)
    return metres > furthest || barred[i]?.includes(j) ? NO_WAY : metres
  }
  if (g * n > MOST_IN_TABLE) return way
  const table = new Int32Array(g * n)
  for (let i = 0; i < g; i++) for (let j = 0; j < n; j++) table[i * n + j] = way(i, j)
  return (i, j) => table[i * n + j] as number
}

function offer(offers: Offers, i: number, j: number, n: number) {
  offers.group.push(i)
  offers.need.push(j)
  offers.offered.add(i * n + j)
}

function offerNearest({ groups, needs }: Block, ways: Ways, offers: Offers) {
  const n = needs.length
  for (let i = 0; i < groups.length; i++) {
    const near = smallest(n, NEAREST, (j) => {
      const metres = ways(i, j)
      return metres === NO_WAY ? Number.POSITIVE_INFINITY : metres
    })
    for (const j of near) offer(offers, i, j, n)
  }
}

/**
 * Prices that prove something: a group that nobody is taken from may be priced above nothing, as its row rests on 0, but its people are
 * worth nothing then; and no place is worth more than it costs to leave it empty.
 */
function fairPrices(dual: Float64Array, g: number): Float64Array<ArrayBuffer> {
  return Float64Array.from(dual, (price, row) => Math.min(price, row < g ? 0 : EMPTY))
}

/**
 * Offers each group what it would gain most by at these prices. Gives what the bound must be lowered by for what would still be gained: 0
 * when nobody gains, and then it is the best.
 */
function offerPriced({ groups, needs }: Block, ways: Ways, offers: Offers, price: Float64Array): number {
  const [g, n] = [groups.length, needs.length]
  let lack = 0
  for (let i = 0; i < g; i++) {
    let least = 0
    const gains = (j: number) => {
      const metres = ways(i, j)
      if (metres === NO_WAY) return Number.POSITIVE_INFINITY
      const reduced = metres - (price[i] as number) - (price[g + j] as number)
      least = Math.min(least, reduced)
      return reduced < -ROUNDING && !offers.offered.has(i * n + j) ? reduced : Number.POSITIVE_INFINITY
    }
    for (const j of smallest(n, OFFERED_A_ROUND, gains)) offer(offers, i, j, n)
    lack += least * (groups[i] as number)
  }
  return lack
}

/** The places from 0 to `count` with the smallest finite values, the smallest first; at most `most`, ties by place. */
export function smallest(count: number, most: number, weightOf: (place: number) => number): number[] {
  const places: number[] = []
  const values: number[] = []
  for (let place = 0; place < count; place++) {
    const value = weightOf(place)
    if (value === Number.POSITIVE_INFINITY || (places.length === most && value >= (values[most - 1] as number))) continue
    let at = places.length === most ? most - 1 : places.length
    for (; at > 0 && (values[at - 1] as number) > value; at--) {
      values[at] = values[at - 1] as number
      places[at] = places[at - 1] as number
    }
    values[at] = value
    places[at] = place
  }
  return places
}

/** A row for each group (at most its people go) and for each need (so many come, or stay empty at a price). */
function modelOf(block: Block, ways: Ways, offers: Offers): ModelData {
  const { groups, needs } = block
  const [g, n] = [groups.length, needs.length]
  const { cost, lower, upper, matrix } = columnsFrom(block, ways, offers, 0)
  const rowUpper = Float64Array.from([...groups, ...needs])
  const rowLower = Float64Array.from([...new Float64Array(g), ...needs])
  const whole = {
    format: 'csc' as const,
    numRows: g + n,
    numCols: n + cost.length,
    starts: Int32Array.from({ length: n + cost.length + 1 }, (_, c) => (c <= n ? c : n + 2 * (c - n))),
    indices: Int32Array.from([...Array.from({ length: n }, (_, j) => g + j), ...matrix.indices]),
    values: new Float64Array(n + 2 * cost.length).fill(1),
  }
  return {
    numCols: whole.numCols,
    numRows: whole.numRows,
    colCost: Float64Array.from([...new Float64Array(n).fill(EMPTY), ...cost]),
    colLower: Float64Array.from([...new Float64Array(n), ...lower]),
    colUpper: Float64Array.from([...new Float64Array(n).fill(Number.POSITIVE_INFINITY), ...upper]),
    rowLower,
    rowUpper,
    matrix: whole,
  }
}

/** The columns of what was offered from the `from`-th on. */
function columnsFrom({ groups, needs }: Block, ways: Ways, offers: Offers, from: number) {
  const [g, n] = [groups.length, needs.length]
  const count = offers.group.length - from
  const cost = new Float64Array(count)
  // The rows bound them; a bound of their own would take a part of the prices.
  const upper = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
  const indices = new Int32Array(2 * count)
  for (let c = 0; c < count; c++) {
    const i = offers.group[from + c] as number
    const j = offers.need[from + c] as number
    cost[c] = ways(i, j)
    indices[2 * c] = i
    indices[2 * c + 1] = g + j
  }
  const starts = Int32Array.from({ length: count + 1 }, (_, c) => 2 * c)
  const matrix = {
    format: 'csc' as const,
    numRows: g + n,
    numCols: count,
    starts,
    indices,
    values: new Float64Array(2 * count).fill(1),
  }
  return { cost, lower: new Float64Array(count), upper, matrix }
}

function solutionOf({ needs }: Block, ways: Ways, offers: Offers, value: Float64Array) {
  const n = needs.length
  const flows: number[] = []
  let filled = 0
  let metres = 0
  for (let c = 0; c < offers.group.length; c++) {
    const people = Math.round(value[n + c] as number)
    if (people === 0) continue
    const [i, j] = [offers.group[c] as number, offers.need[c] as number]
    flows.push(i, j, people)
    filled += people
    metres += people * ways(i, j)
  }
  return { flows: Int32Array.from(flows), filled, metres }
}

/** By duality: what the prices are worth, lowered by what pairs would still gain, without the empty places. */
function boundOf({ groups, needs }: Block, price: Float64Array, value: Float64Array, lack: number): number {
  const g = groups.length
  let worth = lack
  groups.forEach((people, i) => {
    worth += people * (price[i] as number)
  })
  let empty = 0
  needs.forEach((need, j) => {
    worth += need * (price[g + j] as number)
    empty += Math.round(value[j] as number)
  })
  return Math.max(0, worth - empty * EMPTY)
}
