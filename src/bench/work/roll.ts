import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { readConfig } from '../../config.ts'
import { openApp } from '../../open.ts'
import { ranChild } from '../child.ts'
import type { Run, Work } from '../figure.ts'
import { cpuSeconds, peakMb } from '../proc.ts'
import { writeRoll } from '../roll-rows.ts'
import { FLAGS, settingsFor, WITO } from '../service.ts'

const BARE = new URL('../../../test/bench/roll-child.ts', import.meta.url)
/** Twice as many rows take minutes. */
const LONG = 200_000

/** An empty database, with every table and index. */
async function empty({ scratch }: Pick<Run, 'scratch'>, name: string): Promise<Record<string, string>> {
  const home = join(scratch, name)
  rmSync(home, { recursive: true, force: true })
  const settings = settingsFor(home)
  const { close } = await openApp(readConfig(settings))
  await close()
  return settings
}

/** `megabytes`: the most it ever held, as it stood after each tenth of the time; `cpu` in seconds. */
type Imported = { added: number; seconds: number; cpu: number; megabytes: number[] }

/** `wito import roll FILE` as it is installed, with the settings of its first line, from its start to its end. */
async function imported(settings: Record<string, string>, file: string): Promise<Imported> {
  const from = systemClock.ticks()
  const child = spawn(process.execPath, [...FLAGS, WITO, 'import', 'roll', file, '--json'], {
    env: settings,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (part: Buffer) => {
    out += part.toString()
  })
  const over = new AbortController()
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.once('close', resolve)
  const watched = watch(child.pid ?? 0, over.signal)
  const code = await promise
  const seconds = (systemClock.ticks() - from) / 1_000
  over.abort()
  if (code !== 0) throw new Fault('busy', 'the roll was not imported')
  const { peaks, cpu } = await watched
  const tenth = (n: number) => peaks[Math.min(peaks.length - 1, Math.floor((peaks.length * n) / 10))] ?? 0
  const { added } = JSON.parse(out) as { added: number }
  return { added, seconds, cpu, megabytes: Array.from({ length: 10 }, (_, n) => tenth(n + 1)) }
}

/** Looks at a process until it ends: the most memory that it ever held, in MB, and the seconds of CPU that it took. Nothing where the system does not say. */
async function watch(pid: number, until: AbortSignal): Promise<{ peaks: number[]; cpu: number }> {
  const peaks: number[] = []
  let cpu = 0
  while (!until.aborted) {
    await systemClock.sleep(50, until)
    const peak = peakMb(pid)
    if (peak > 0) peaks.push(peak)
    cpu = Math.max(cpu, cpuSeconds(pid))
  }
  return { peaks, cpu }
}

export const roll: Work = {
  about: 'an import of the roll, sealed and indexed, beside ciphers and bare inserts of the same rows',
  async measure(run) {
    // It speaks to the storage's engine itself, and stands with the tests.
    if (!existsSync(BARE)) {
      run.say('left out: the bare insert comes with a checkout only')
      return []
    }
    const { people } = run
    const file = join(run.scratch, 'roll.csv')
    await writeRoll(file, people)
    const pairs: { ours: number; theirs: number }[] = []
    const held: { ours: number }[] = []
    const notes: string[] = []
    const cpu: string[] = []
    for (let round = 0; round < (people > LONG ? 1 : run.rounds); round++) {
      const ours = await imported(await empty(run, 'ours'), file)
      const { DATABASE_URL = '' } = await empty(run, 'theirs')
      const bare = { words: [DATABASE_URL.slice('file:'.length), String(people)] }
      const theirs = await ranChild<{ people: number; seconds: number; cpu: number }>(BARE, bare)
      if (ours.added !== people || theirs.people !== people)
        throw new Fault('busy', `${ours.added} and ${theirs.people} were added`)
      pairs.push({ ours: people / ours.seconds, theirs: people / theirs.seconds })
      held.push({ ours: ours.megabytes.at(-1) ?? 0 })
      run.say(
        `  ${ours.seconds.toFixed(1)} s (${ours.cpu.toFixed(1)} of CPU) and ${theirs.seconds.toFixed(1)} s (${theirs.cpu.toFixed(1)})`,
      )
      cpu.push(`${ours.cpu.toFixed(1)} and ${theirs.cpu.toFixed(1)}`)
      notes.push(ours.megabytes.map((megabytes) => megabytes.toFixed(0)).join(' '))
    }
    const rows = people.toLocaleString('en')
    return [
      {
        work: `import of ${rows} roll rows`,
        reference: 'ciphers and bare inserts',
        unit: '/s',
        pairs,
        reach: { atLeast: 0.5 },
        note: `seconds of CPU, ours with its start: ${cpu.join(', ')}`,
      },
      {
        work: `memory of an import of ${rows} rows`,
        reference: '',
        unit: 'MB',
        pairs: held,
        reach: { atMost: 300 },
        note: `the most it ever held, after each tenth of its time: ${notes[0]} MB`,
      },
    ]
  },
}
