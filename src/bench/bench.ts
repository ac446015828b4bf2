import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Figure, Run, Work } from './figure.ts'
import { applications } from './work/applications.ts'
import { busy } from './work/busy.ts'
import { builder, hop, many } from './work/hop.ts'
import { cached, letters } from './work/letters.ts'
import { outbox } from './work/outbox.ts'
import { roll } from './work/roll.ts'
import { server } from './work/server.ts'
import { sessions, start } from './work/start.ts'

/** Everything that can be measured, by name, in the order of the table. */
export const WORKS: Readonly<Record<string, Work>> = {
  hop,
  builder,
  many,
  server,
  busy,
  applications,
  letters,
  cached,
  roll,
  outbox,
  start,
  sessions,
}

/** Measures what is named, one after the other: two at once would measure each other. Nations are kept in `folder`, or thrown away. */
export async function bench(
  names: readonly string[],
  { folder, ...run }: Omit<Run, 'folder' | 'scratch'> & { folder?: string },
): Promise<Figure[]> {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'wito-bench-')))
  await mkdir(home, { recursive: true })
  try {
    const figures: Figure[] = []
    for (const name of names) {
      run.say(`${name}: ${WORKS[name]?.about}`)
      const scratch = await mkdtemp(join(home, `${name}-`))
      try {
        figures.push(...((await WORKS[name]?.measure({ ...run, folder: home, scratch })) ?? []))
      } finally {
        await rm(scratch, { recursive: true, force: true })
      }
    }
    return figures
  } finally {
    if (folder === undefined) await rm(home, { recursive: true, force: true })
  }
}
