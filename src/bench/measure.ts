import { systemClock } from '../base/clock.ts'

/** Milliseconds of a number of tries. */
export type Times = { n: number; median: number; p95: number; worst: number }

/** Runs `work` some times for nothing, then `n` times with a watch. */
export async function timesOf(n: number, work: (turn: number) => Promise<unknown>, warm = 3): Promise<Times> {
  for (let turn = 0; turn < warm; turn++) await work(turn)
  const took: number[] = []
  for (let turn = 0; turn < n; turn++) {
    const from = systemClock.ticks()
    await work(warm + turn)
    took.push(systemClock.ticks() - from)
  }
  took.sort((a, b) => a - b)
  return { n, median: percentile(took, 0.5), p95: percentile(took, 0.95), worst: took.at(-1) ?? 0 }
}

/** The value that so great a part is below, of values from the least to the greatest. */
export const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0

/** Rows of words in columns, the first to the left, the others to the right. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

export const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0)
