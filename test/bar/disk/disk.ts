import { execFileSync, spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { cannot } from '../row.ts'

/** What was done to the disk, in its order; see disk.c. */
export type Deed = {
  kind: 'open' | 'write' | 'truncate' | 'sync' | 'unlink'
  failed: boolean
  path: string
  /** Where it was written, or to what length it was cut. */
  offset: number
  data: Buffer
}
const KINDS = ['', 'open', 'write', 'truncate', 'sync', 'unlink'] as const
const WORDS = ['calls', 'failAt', 'failFor', 'error', 'only', 'full', 'killAt'] as const
type Words = Record<(typeof WORDS)[number], number>

export const EIO = constants.errno.EIO
export const SYNC = KINDS.indexOf('sync')

/** A folder whose disk the test holds in its hand: it sees what a process does there, and lets it fail. Ends the test where nothing can be compiled. */
export function openDisk(context: TestContext) {
  if (process.platform !== 'linux') cannot(context, 'only Linux lets a library be loaded before the others')
  if (spawnSync('sh', ['-c', 'command -v cc']).status !== 0 || !existsSync('/usr/include/stdlib.h'))
    cannot(context, 'there is no C compiler (Debian: gcc and libc6-dev)')
  // What stands here is read again at once and never outlives the test: memory does, where there is such a folder.
  const home = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'wito-disk-'))
  const [library, log, words, folder] = ['disk.so', 'log', 'words', 'files'].map((name) => join(home, name)) as Four
  execFileSync('cc', [
    '-shared',
    '-fPIC',
    '-O1',
    '-o',
    library,
    new URL('./disk.c', import.meta.url).pathname,
    '-ldl',
    '-lpthread',
  ])
  mkdirSync(folder)
  const [notes, control] = [openSync(log, 'w+'), openSync(words, 'w+')]
  ftruncateSync(control, WORDS.length * 8)

  function set(given: Partial<Words>) {
    for (const [name, value] of Object.entries(given) as [keyof Words, number][]) {
      const word = Buffer.alloc(8)
      word.writeBigInt64LE(BigInt(value))
      writeSync(control, word, 0, 8, WORDS.indexOf(name) * 8)
    }
  }
  return {
    home,
    /** Everything in here is seen; what a process does elsewhere is not. */
    folder,
    env: { LD_PRELOAD: library, DISK_FOLDER: folder, DISK_LOG: log, DISK_CONTROL: words },
    set,
    /** Nothing fails, nothing was counted and nothing was seen. */
    begin() {
      set(Object.fromEntries(WORDS.map((name) => [name, 0])))
      ftruncateSync(notes, 0)
    },
    calls() {
      const word = Buffer.alloc(8)
      readSync(control, word, 0, 8, 0)
      return Number(word.readBigInt64LE())
    },
    deeds: () => deedsOf(readFileSync(log)),
    close() {
      closeSync(notes)
      closeSync(control)
      rmSync(home, { recursive: true, force: true })
    },
  }
}
export type Disk = ReturnType<typeof openDisk>
type Four = [string, string, string, string]

function deedsOf(log: Buffer): Deed[] {
  const deeds: Deed[] = []
  for (let at = 0; at < log.length; ) {
    const kind = KINDS[log.readInt32LE(at)] as Deed['kind']
    const [offset, length, named] = [8, 16, 24].map((place) => Number(log.readBigInt64LE(at + place))) as [number, number, number]
    const failed = log.readInt32LE(at + 4) === 1
    const path = log.toString('utf8', at + 32, at + 32 + named)
    const begins = at + 32 + named
    deeds.push({ kind, failed, path, offset, data: log.subarray(begins, begins + length) })
    at = begins + length
  }
  return deeds
}
