import { readFileSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { Fault } from '../base/fault.ts'

const USUAL = new URL('./retention.yaml', import.meta.url).pathname

const kept = (least: number) =>
  z.strictObject({
    days: z.number().int().min(least, `at least ${least}`).max(36_525, 'at most 100 years'),
    why: z.string().trim().min(10, 'the reason in words'),
  })

/** How long each kind is kept after it is over; retention.yaml says what that is. */
const shape = z.strictObject({
  /** Yesterday's traffic is counted from them. */
  sessions: kept(2),
  received: kept(1),
  sent: kept(1),
  applications: kept(1),
  letters: kept(1),
  payments: kept(1),
  documents: kept(1),
  uploads: kept(1),
  audit: kept(30),
})
export type Retention = z.infer<typeof shape>
export type RetentionKind = keyof Retention

/** The schedule in force: that of the file that RETENTION names, else ours. Throws a Fault `bad_settings` that says what to mend. */
export function readRetention({ retention = USUAL }: { retention: string | undefined }): Retention {
  const file = retention
  let given: unknown
  try {
    given = parseYaml(readFileSync(file, 'utf8'))
  } catch (reason) {
    throw new Fault('bad_settings', `RETENTION: ${file} cannot be read`, reason)
  }
  const read = shape.safeParse(given)
  if (!read.success) throw new Fault('bad_settings', `RETENTION: ${file}:\n${z.prettifyError(read.error)}`)
  return read.data
}
