import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { counties } from '../demo/country.ts'
import { dice } from '../demo/draw.ts'
import type { RollRow } from '../demo/people.ts'
import { ROLL_COLUMNS } from '../people/roll.ts'
import { nationalIdOf, phoneOf, tscNumberOf } from './crowd.ts'
import { nameOf } from './names.ts'

/** Rows of a made-up roll.csv, of a million people at most: the same ones for whoever asks for as many, `from` the n-th on. */
export function* rollRows(count: number, from = 0): Generator<RollRow> {
  const cast = dice(11)
  for (let n = from; n < from + count; n++) {
    const county = cast.pick(counties)
    yield {
      national_id: nationalIdOf(n),
      full_name: nameOf(cast),
      phone: phoneOf(n),
      tsc_number: tscNumberOf(n),
      kra_pin: `A${700_000_000 + n}B`,
      qualification: cast.pick(['certificate', 'diploma', 'degree', 'postgraduate']),
      subjects: 'mathematics;physics',
      home_county: county.name,
      home_sub_county: `${county.name} East`,
      workstation_code: String(20_401_000 + (n % 9_000)),
      status: 'vetted',
    }
  }
}

/** The same as a file. */
export const writeRoll = (file: string, count: number, from = 0): Promise<void> =>
  pipeline(Readable.from(lines(count, from)), createWriteStream(file))

function* lines(count: number, from: number) {
  yield `${ROLL_COLUMNS.join(',')}\n`
  for (const row of rollRows(count, from)) yield `${ROLL_COLUMNS.map((column) => row[column]).join(',')}\n`
}
