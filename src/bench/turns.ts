import type { Figure, Run } from './figure.ts'

/** Ours and a reference in turns, each for so many seconds and warmed up first: what the machine does besides falls on both. */
export async function turns(
  run: Pick<Run, 'rounds' | 'seconds' | 'say'>,
  what: string,
  ours: (seconds: number) => Promise<number>,
  theirs: (seconds: number) => Promise<number>,
): Promise<Figure['pairs']> {
  const warm = Math.min(2, run.seconds)
  await ours(warm)
  await theirs(warm)
  const pairs: { ours: number; theirs: number }[] = []
  for (let round = 0; round < run.rounds; round++) {
    const pair = { ours: await ours(run.seconds), theirs: await theirs(run.seconds) }
    pairs.push(pair)
    run.say(`  ${pair.ours.toFixed(0)} and ${pair.theirs.toFixed(0)} ${what} a second`)
  }
  return pairs
}
