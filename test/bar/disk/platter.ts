import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Deed } from './disk.ts'

const SECTOR = 512

/** A file: what is surely on the platter, and what was done since, which may be there or not. `known`: its name is surely in the folder. */
type File = { sure: Buffer; since: Deed[]; known: boolean; gone: boolean }

/** Of a share of what is not yet sure, how likely each sector of it survives. */
export type Luck = { share: number; roll: () => number }
/** The worst: only what was synced. */
export const NOTHING_MORE: Luck = { share: 0, roll: () => 1 }

/**
 * What a disk holds when the power fails. A sync makes the deeds before it sure; the others survive or not, sector by sector.
 * A sync that failed loses what was before it for good, whatever later ones say: that is how Linux does it.
 */
export function openPlatter() {
  const files = new Map<string, File>()
  const fileOf = (path: string): File => {
    const file = files.get(path) ?? { sure: Buffer.alloc(0), since: [], known: false, gone: false }
    files.set(path, file)
    return file
  }
  return {
    take(deed: Deed) {
      const { kind, path } = deed
      if (kind === 'sync') {
        const folder = !files.has(path)
        if (folder) settleNames(path)
        else settle(fileOf(path), deed.failed)
      } else if (deed.failed) return
      // A name that is made again is a new file.
      else if (kind === 'open') files.set(path, { sure: Buffer.alloc(0), since: [], known: false, gone: false })
      else if (kind === 'unlink') fileOf(path).gone = true
      else fileOf(path).since.push(deed)
    },
    /** Writes the files as they would be found, with `to` in the place of `from` in their names. */
    leave(from: string, to: string, { share, roll }: Luck) {
      for (const [path, file] of files) {
        // The shared memory of SQLite is made anew, whatever it holds.
        if (path.endsWith('-shm') || !(file.known || roll() < share) || (file.gone && roll() < share)) continue
        const target = path.replace(from, to)
        mkdirSync(dirname(target), { recursive: true })
        let image: Buffer = Buffer.from(file.sure)
        for (const deed of file.since) for (const piece of sectors(deed)) if (roll() < share) image = done(image, piece)
        writeFileSync(target, image)
      }
    },
  }

  function settleNames(folder: string) {
    for (const [path, file] of files) {
      if (dirname(path) !== folder) continue
      file.known = true
      if (file.gone) files.delete(path)
    }
  }
}

function settle(file: File, failed: boolean) {
  if (!failed) for (const deed of file.since) file.sure = done(file.sure, deed)
  file.since = []
}

/** In place where there is room: thousands of syncs would else copy megabytes each. */
function done(image: Buffer, { kind, offset, data }: Pick<Deed, 'kind' | 'offset' | 'data'>): Buffer {
  const length = kind === 'truncate' ? offset : Math.max(image.length, offset + data.length)
  let made = image
  if (length !== image.length) {
    made = Buffer.alloc(length)
    image.copy(made)
  }
  data.copy(made, offset)
  return made
}

function sectors(deed: Deed): Pick<Deed, 'kind' | 'offset' | 'data'>[] {
  if (deed.kind !== 'write') return [deed]
  const pieces: Pick<Deed, 'kind' | 'offset' | 'data'>[] = []
  for (let at = 0; at < deed.data.length; ) {
    const end = Math.min(deed.data.length, at + SECTOR - ((deed.offset + at) % SECTOR))
    pieces.push({ kind: 'write', offset: deed.offset + at, data: deed.data.subarray(at, end) })
    at = end
  }
  return pieces
}
