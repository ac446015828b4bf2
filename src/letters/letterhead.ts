import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { described, type Problem, readSource, shaped } from '../text/source.ts'

const line = z.string().trim().min(1).max(80)
const file = z.strictObject({
  name: line,
  lines: z.array(line).max(5),
  signatory: z.strictObject({ name: line, title: line }),
  colour: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'expected a colour such as #1f4b4a')
    .default('#1f4b4a'),
})

/** A PNG or JPEG, its bytes as they stand in the file. */
export type Picture = { kind: 'png' | 'jpeg'; bytes: Buffer }
export type Letterhead = z.infer<typeof file> & { logo?: Picture; signature?: Picture }

/** The neutral one that stands in until an operator gives theirs. */
const NEUTRAL = join(import.meta.dirname, 'letterhead')
const LARGEST = 200 * 1024

/** Reads `letterhead.yaml` of a folder, and the logo and signature beside it. Throws a Fault that says what to mend. */
export function loadLetterhead(folder = NEUTRAL): Letterhead {
  const path = join(folder, 'letterhead.yaml')
  if (!existsSync(path)) throw new Fault('bad_settings', `LETTERHEAD: there is no ${path}`)
  const problems: Problem[] = []
  const head = shaped(readSource(path), file, problems)
  if (!head) throw new Fault('bad_settings', `The letterhead needs mending:\n  ${problems.map(described).join('\n  ')}`)
  const logo = picture(folder, 'logo')
  const signature = picture(folder, 'signature')
  return { ...head, ...(logo && { logo }), ...(signature && { signature }) }
}

function picture(folder: string, name: string): Picture | undefined {
  const path = ['png', 'jpg', 'jpeg'].map((end) => join(folder, `${name}.${end}`)).find((each) => existsSync(each))
  if (path === undefined) return undefined
  const bytes = readFileSync(path)
  const kind = kindOf(bytes)
  if (!kind) throw new Fault('bad_settings', `${path} is neither a PNG nor a JPEG`)
  if (bytes.length > LARGEST)
    throw new Fault('bad_settings', `${path} is larger than ${LARGEST / 1024} KB; every letter carries it`)
  return { kind, bytes }
}

// By what the file holds: a wrong ending would be found out only when the first letter is drawn.
function kindOf(bytes: Buffer): Picture['kind'] | undefined {
  if (bytes.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n') return 'png'
  return bytes.subarray(0, 3).toString('latin1') === '\xff\xd8\xff' ? 'jpeg' : undefined
}
