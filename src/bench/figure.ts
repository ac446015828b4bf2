import { tableOf } from './measure.ts'

/** What a figure should come to: a ratio to its reference, or a value of its own where there is none. */
export type Reach = { atLeast: number } | { atMost: number }

/** One line of the table. Each of `pairs` was measured together, one after the other, in this run. */
export type Figure = {
  work: string
  reference: string
  unit: '/s' | 'ms' | 'µs' | 'MB' | 's'
  /** Ours and the reference's of each round; the reference is left out where a value stands for itself. */
  pairs: readonly { ours: number; theirs?: number }[]
  /** Left out where nothing was promised. */
  reach?: Reach
  /** What else must be said: how much of what was measured, what did not hold. */
  note?: string
}

/** One kind of work that can be measured by its name. It says what it does while it takes its time. */
export type Work = { about: string; measure(run: Run): Promise<Figure[]> }
export type Run = {
  say: (text: string) => void
  rounds: number
  seconds: number
  /** How many people the large database has: a million, or fewer where there is no time. */
  people: number
  /** Where nations lie, which may be kept from one run to the next. */
  folder: string
  /** Where everything else lies, which is gone when this work is done. */
  scratch: string
}

const ratio = ({ ours, theirs }: Figure['pairs'][number]) => (theirs === undefined ? ours : ours / theirs)

/** The middle one, and the least and the greatest: how far the machine's own noise reaches. */
export function summed({ pairs, reach }: Figure): {
  ours: number
  theirs: number | undefined
  middle: number
  least: number
  greatest: number
  reached: boolean | undefined
} {
  const ratios = pairs.map(ratio).sort((a, b) => a - b)
  const middle = median(ratios)
  return {
    ours: median(pairs.map(({ ours }) => ours)),
    theirs: pairs[0]?.theirs === undefined ? undefined : median(pairs.map(({ theirs }) => theirs ?? 0)),
    middle,
    least: ratios[0] ?? 0,
    greatest: ratios.at(-1) ?? 0,
    reached: reach && ('atLeast' in reach ? middle >= reach.atLeast : middle <= reach.atMost),
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2
}

export function figureTable(figures: readonly Figure[]): string {
  const notes = figures.flatMap(({ work, note }) => (note === undefined ? [] : [`${work}: ${note}`]))
  const table = tableOf(
    ['work', 'ours', 'reference', '', 'rounds', 'ratio', 'spread', 'reach', 'reached'],
    figures.map((figure) => {
      const { ours, theirs, middle, least, greatest, reached } = summed(figure)
      const { unit, reach, pairs } = figure
      return [
        figure.work,
        `${plain(ours)} ${unit}`,
        figure.reference,
        theirs === undefined ? '' : `${plain(theirs)} ${unit}`,
        String(pairs.length),
        theirs === undefined ? '' : middle.toFixed(2),
        pairs.length < 2
          ? ''
          : theirs === undefined
            ? `${plain(least)}-${plain(greatest)}`
            : `${least.toFixed(2)}-${greatest.toFixed(2)}`,
        reach === undefined ? '' : 'atLeast' in reach ? `at least ${reach.atLeast}` : `at most ${reach.atMost}`,
        reached === undefined ? '' : reached ? 'yes' : 'NO',
      ]
    }),
  )
  return [table, ...notes].join('\n')
}

const plain = (value: number): string =>
  value >= 1_000
    ? Math.round(value).toLocaleString('en')
    : value >= 100
      ? value.toFixed(0)
      : value >= 10
        ? value.toFixed(1)
        : value.toFixed(2)
