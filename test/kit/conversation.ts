import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { septets } from '../../src/text/gsm7.ts'
import { segments } from '../../src/text/segments.ts'
import type { Booted } from './boot.ts'
import { operate } from './operator.ts'

const texts = z.union([z.string(), z.array(z.string())])
const step = z.strictObject({
  /** Another phone speaks from here on. */
  phone: z.string().optional(),
  /** Dials the service code; with a text, deep into the menu. */
  dial: z.string().nullable().optional(),
  type: z.union([z.string(), z.number()]).optional(),
  /** Types the number that stands before this label, turning pages with 98 until it is found. */
  choose: z.string().optional(),
  hangup: z.literal(true).optional(),
  sms: z.string().optional(),
  /** Waits for an SMS that holds this. */
  inbox: texts.optional(),
  /** Nothing new has come by SMS. */
  quiet: z.literal(true).optional(),
  /** What the operator does meanwhile; see test/kit/operator.ts. */
  operator: z.record(z.string(), z.unknown()).optional(),
  /** What the screen (or the SMS just waited for) must hold, and must not. */
  expect: texts.optional(),
  not: texts.optional(),
  ends: z.boolean().optional(),
  /** Keeps what the pattern's first group finds in the last text; later steps write it as <name>. */
  keep: z.record(z.string(), z.string()).optional(),
})
const conversation = z.strictObject({ name: z.string(), phone: z.string(), steps: z.array(step).min(1) })
export type Conversation = z.infer<typeof conversation>
type Step = z.infer<typeof step>

export const readConversations = (file: string): Conversation[] => z.array(conversation).parse(parse(readFileSync(file, 'utf8')))

/** Plays one conversation over HTTP against a running service. Every screen and SMS on the way is held to its budget. */
export async function play(service: Booted, { phone, steps }: Conversation): Promise<void> {
  const kept: Record<string, string> = {}
  const filled = (text: string) => text.replace(/<(\w+)>/g, (whole, name: string) => kept[name] ?? whole)
  let handset = service.phone(phone)
  // What is checked is the newest text, screen or SMS; what is chosen stands on the screen.
  let last = ''
  let screen = ''
  let ended = true
  for (const [place, given] of steps.entries()) {
    const here = `step ${place + 1}: ${JSON.stringify(given)}\n--- last ---\n${last}`
    if (given.phone) handset = service.phone(given.phone)
    if (given.operator) await operate(service.app, given.operator)
    if (given.sms !== undefined) await handset.sms(filled(given.sms))
    if (given.hangup) await handset.hangUp()
    if (given.dial !== undefined)
      ({ text: screen, ended } = see(await handset.dial(given.dial ? { text: filled(given.dial) } : {}), here))
    if (given.type !== undefined) ({ text: screen, ended } = see(await handset.reply(filled(String(given.type))), here))
    if (given.choose !== undefined) {
      const label = filled(given.choose)
      let number = numberOf(screen, label)
      for (let pages = 0; number === undefined && /^98 |\b98 (More|Zaidi)/m.test(screen) && pages < 12; pages++) {
        ;({ text: screen, ended } = see(await handset.reply('98'), here))
        number = numberOf(screen, label)
      }
      if (number === undefined) throw new Error(`no '${label}' to choose\n${here}\n--- now ---\n${screen}`)
      ;({ text: screen, ended } = see(await handset.reply(number), here))
    }
    if (given.dial !== undefined || given.type !== undefined || given.choose !== undefined) last = screen
    for (const wanted of list(given.inbox)) last = await sms(handset, filled(wanted), here)
    check(given, last, ended, filled, here)
    for (const [name, pattern] of Object.entries(given.keep ?? {})) {
      const found = new RegExp(pattern).exec(last)?.[1]
      if (found === undefined) throw new Error(`nothing to keep as '${name}'\n${here}\n--- now ---\n${last}`)
      kept[name] = found
    }
  }
}

type Handset = ReturnType<Booted['phone']>

function see(screen: Awaited<ReturnType<Handset['dial']>>, here: string): { text: string; ended: boolean } {
  expect(screen.kind, here).not.toBe('error')
  expect(septets(`${screen.kind} ${screen.text}`), `over the budget\n${screen.text}`).toBeLessThanOrEqual(160)
  return { text: screen.text, ended: screen.kind === 'END' }
}

async function sms(handset: Handset, wanted: string, here: string): Promise<string> {
  const message = await handset
    .waitForSms((candidate: { text: string }) => candidate.text.includes(wanted), 8000)
    .catch((reason: unknown) => {
      throw new Error(`no SMS with '${wanted}'\n${here}`, { cause: reason })
    })
  expect(segments(message.text), message.text).toMatchObject({ encoding: 'GSM-7', count: 1 })
  return message.text
}

function check(given: Step, last: string, ended: boolean, filled: (text: string) => string, here: string) {
  for (const wanted of list(given.expect)) expect(last, here).toContain(filled(wanted))
  for (const unwanted of list(given.not)) expect(last, here).not.toContain(filled(unwanted))
  if (given.ends !== undefined) expect(ended, here).toBe(given.ends)
}

const list = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat())

function numberOf(screen: string, label: string): string | undefined {
  return screen
    .split('\n')
    .map((line) => /^(\d+)\. (.*)$/.exec(line))
    .find((match) => match?.[2]?.startsWith(label))?.[1]
}
