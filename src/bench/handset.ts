import { eq } from 'drizzle-orm'
import type { Catalogue } from '../action.ts'
import type { App } from '../app.ts'
import { Fault } from '../base/fault.ts'
import { type Msisdn, readMsisdn } from '../base/msisdn.ts'
import type { RollRow } from '../demo/people.ts'
import { takeInbound } from '../sms/inbound.ts'
import type { Formats, Keywords } from '../sms/keywords-file.ts'
import { bodyPlace } from '../sms/outbox.ts'
import type { Language } from '../store/schema.ts'
import { segments } from '../text/segments.ts'
import { takeHop } from '../ussd/hop.ts'
import { isStep, type Menu } from '../ussd/menu.ts'

/** The service without its doors. */
export type Town = { app: App; menu: Menu; keywords: Keywords; actions: Catalogue; formats: Formats }

/** `longest` is the segments of the longest SMS that came. */
export type Spent = { hops: number; keys: number; sent: number; received: number; longest: number }

export type Player = ReturnType<typeof takeUp>

/** A phone in the hand of one person of the demonstration, who reads what is shown and counts what it costs. Throws where the menu is another one than it knows. */
export function takeUp(town: Town, person: RollRow, language: Language, dayCode: string) {
  const { app, menu, keywords } = town
  const { serviceCode, shortCode } = app.config
  const msisdn = numberOf(person)
  const spent: Spent = { hops: 0, keys: 0, sent: 0, received: 0, longest: 0 }
  const seen = new Set<string>()
  const inbox: string[] = []
  let call = ''
  let typed = ''
  let text = ''
  let screen = ''

  function isAt(wanted: string): void {
    if (screen !== wanted) throw new Fault('not_found', `the menu is at '${screen}', not at '${wanted}': ${text}`)
  }

  async function hop(whole: string, keys: string, wanted: string | undefined): Promise<void> {
    typed = whole
    const reply = await takeHop(town, { sessionId: call, msisdn, serviceCode, text: whole })
    text = reply.body.slice('CON '.length)
    screen = reply.screen
    spent.hops++
    spent.keys += keys.length + 1
    await readInbox()
    if (wanted !== undefined) isAt(wanted)
  }

  async function readInbox(): Promise<void> {
    const { read } = app.store
    for (const row of await read.select().from(read.outbox).where(eq(read.outbox.msisdn, msisdn))) {
      if (seen.has(row.id)) continue
      seen.add(row.id)
      const body = app.keyring.open(bodyPlace(row.id), row.bodySealed)
      inbox.push(body)
      const { count } = segments(body)
      spent.received += count
      spent.longest = Math.max(spent.longest, count)
    }
  }

  const type = (input: string, wanted?: string) => hop(typed === '' ? input : `${typed}*${input}`, input, wanted)

  return {
    language,
    nationalId: person.national_id,
    fullName: person.full_name,
    dayCode,
    get screen() {
      return screen
    },
    isAt,
    /** From here on it counts. */
    begin(): void {
      Object.assign(spent, { hops: 0, keys: 0, sent: 0, received: 0, longest: 0 })
    },
    spent: (): Spent => ({ ...spent }),
    /** Dials the service code; with `path`, deep into the menu. */
    async dial(path = '', wanted?: string): Promise<void> {
      call = app.clock.id()
      await hop(path, path === '' ? serviceCode : `${serviceCode.slice(0, -1)}*${path}#`, wanted)
    },
    type,
    /** Takes the choice that leads to `to`, turning pages until it stands there; `wanted` is the screen then shown, where a guard or step lies between. */
    async choose(to: string, wanted = to): Promise<void> {
      const shown = menu.screens[screen]
      const choice = shown && !isStep(shown) ? shown.choices?.find((each) => each.to === to) : undefined
      if (!choice) throw new Fault('not_found', `'${screen}' has no way to '${to}'`)
      const more = app.phrases.word('keys', 'more', language)
      let line = lineOf(text, choice[language])
      for (; line === undefined && text.includes(more); line = lineOf(text, choice[language])) await type('98')
      if (line === undefined) throw new Fault('not_found', `'${screen}' does not show the way to '${to}': ${text}`)
      await type(line, wanted)
    },
    /** Takes the first row of a list. */
    pick: (wanted: string) => type('1', wanted),
    /** The answer to the field that is asked for, told by its words. */
    answerTo(answers: Readonly<Record<string, string>>): string {
      const asked = Object.keys(answers).find((field) => text.startsWith(app.phrases.word('prompt', field, language)))
      if (asked === undefined) throw new Fault('not_found', `nobody knows an answer to: ${text}`)
      return answers[asked] ?? ''
    },
    /** Sends a keyword to the short code, and what follows it. */
    async send(name: string, rest = ''): Promise<void> {
      const word = keywords.words.find((each) => each.name === name && each.language !== other(language))?.word
      if (word === undefined) throw new Fault('not_found', `there is no keyword '${name}'`)
      const sms = `${word} ${rest}`.trim()
      await takeInbound(town, { id: app.clock.id(), from: msisdn, to: shortCode, text: sms })
      spent.keys += shortCode.length + sms.length + 1
      spent.sent += segments(sms).count
      await readInbox()
    },
    /** What the newest SMS holds of this kind. */
    found(pattern: RegExp): string {
      const held = inbox.flatMap((body) => pattern.exec(body)?.[0] ?? []).at(-1)
      if (held === undefined) throw new Fault('not_found', `no SMS holds ${pattern.source}`)
      return held
    },
  }
}

function numberOf({ phone }: RollRow): Msisdn {
  const msisdn = readMsisdn(phone)
  if (msisdn === undefined) throw new Fault('bad_request', 'somebody of the demonstration has no number')
  return msisdn
}

const other = (language: Language): Language => (language === 'en' ? 'sw' : 'en')

const lineOf = (text: string, label: string): string | undefined =>
  text
    .split('\n')
    .map((line) => /^(\d+)\. (.*)$/.exec(line))
    .find((match) => match?.[2] === label)?.[1]
