import { counties } from '../demo/country.ts'
import { dice } from '../demo/draw.ts'
import type { RollRow } from '../demo/people.ts'
import { nationalIdOf, phoneOf, tscNumberOf } from './crowd.ts'
import { nameOf } from './names.ts'

/** Rows of a made-up roll.csv, at most a million: the same ones for whoever asks for as many. */
export function* rollRows(count: number): Generator<RollRow> {
  const cast = dice(11)
  for (let n = 0; n < count; n++) {
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
