import { eq } from 'drizzle-orm'
import { bareError } from '../base/bare.ts'
import { MINUTE } from '../base/dates.ts'
import { Fault } from '../base/fault.ts'
import { type Msisdn, prefixOf, readMsisdn } from '../base/msisdn.ts'
import type { Metrics } from '../metrics.ts'
import { HOPS_IN_ALL, HOPS_OF_NUMBER, HOPS_OF_PREFIX } from '../security/limit-sizes.ts'
import { openShares } from '../security/shares.ts'
import type { Language } from '../store/schema.ts'
import { type Desk, type Hop, takeHop } from '../ussd/hop.ts'
import { openDeadline } from './deadline.ts'
import type { Form } from './form.ts'

/** A body for the gateway (`CON …`, `END …`) and the label of its screen. */
export type HopAnswer = { body: string; screen: string }

export type HopLimits = {
  /** Hops being answered at once; more are turned away politely. */
  underWay: number
  /** Callbacks a minute: of one number, of a range of numbers, of all. */
  perNumber: number
  perPrefix: number
  inAll: number
  /** After so long a polite END goes out, whatever becomes of the hop. */
  deadlineMs: number
}
export const HOP_LIMITS: HopLimits = {
  underWay: 2_000,
  perNumber: HOPS_OF_NUMBER,
  perPrefix: HOPS_OF_PREFIX,
  inAll: HOPS_IN_ALL,
  deadlineMs: 7_500,
}

/** Ends of a session that the menu knows nothing of. Each is a message of `menus/messages.yaml`. */
const ENDS = {
  session_unreadable: 'unreadable',
  number_foreign: 'foreign',
  session_busy: 'busy',
  session_slow: 'slow',
  session_sorry: 'sorry',
} as const
type End = keyof typeof ENDS

/** How many keys of each limit are remembered: more than call within a minute or two, and every range that there is. */
const NUMBERS = 20_000
const PREFIXES = 2_000
const LONGEST_TEXT = 1_000
/** How long an END may wait to learn the person's language. */
const LANGUAGE_MS = 200

/** The USSD door: always an answer within the deadline, never a throw. `id` names the request in the log. Throws at opening where a message is missing. */
export function openUssdDoor({ desk, metrics, limits = HOP_LIMITS }: { desk: Desk; metrics: Metrics; limits?: HopLimits }) {
  const { clock, log, phrases, store } = desk.app
  const withinDeadline = openDeadline({ clock, ms: limits.deadlineMs })
  const ofNumber = openShares(desk.app, 'hops', NUMBERS, { most: limits.perNumber, windowMs: MINUTE })
  const ofPrefix = openShares(desk.app, 'hops', PREFIXES, { most: limits.perPrefix, windowMs: MINUTE })
  const inAll = openShares(desk.app, 'hops', 1, { most: limits.inAll, windowMs: MINUTE })
  const ends = new Map(
    (Object.keys(ENDS) as End[]).map((end) => [end, { en: phrases.message(end, {}, 'en'), sw: phrases.message(end, {}, 'sw') }]),
  )
  let underWay = 0

  async function ending(end: End, msisdn?: Msisdn): Promise<HopAnswer> {
    const language = msisdn === undefined ? 'en' : await languageOf(msisdn)
    metrics.hops.inc({ screen: end, outcome: ENDS[end] })
    return { body: `END ${ends.get(end)?.[language]}`, screen: end }
  }

  /** English where the store does not say at once: an END in time matters more. */
  async function languageOf(msisdn: Msisdn): Promise<Language> {
    const given = new AbortController()
    const { subscribers } = store.read
    const found = store.read
      .select({ language: subscribers.language })
      .from(subscribers)
      .where(eq(subscribers.msisdn, msisdn))
      .then(
        ([row]) => row?.language ?? 'en',
        (reason: unknown) => {
          log.warn({ failure: bareError(reason) }, 'the language of a number could not be read')
          return 'en' as const
        },
      )
    const language = await Promise.race([found, clock.sleep(LANGUAGE_MS, given.signal).then(() => 'en' as const)])
    given.abort()
    return language
  }

  async function take(hop: Hop, id: string): Promise<HopAnswer> {
    underWay += 1
    metrics.hopsUnderWay.set(underWay)
    try {
      const over = await overLimit(hop.msisdn)
      if (over) return await turnAway(over, hop.msisdn)
      const reply = await takeHop(desk, hop)
      metrics.hops.inc({ screen: reply.screen, outcome: reply.again ? 'again' : reply.body.startsWith('END') ? 'end' : 'con' })
      return reply
    } catch (reason) {
      const fault = reason instanceof Fault ? reason : undefined
      metrics.failures.inc({ kind: fault?.code ?? 'mistake' })
      log.error({ id, failure: bareError(reason) }, 'a hop failed')
      return await ending(fault?.status === 503 ? 'session_busy' : 'session_sorry', hop.msisdn)
    } finally {
      underWay -= 1
      metrics.hopsUnderWay.set(underWay)
    }
  }

  /** The smallest first, so that whoever calls too often takes nothing from their neighbours. */
  async function overLimit(msisdn: Msisdn): Promise<'number' | 'prefix' | 'all' | undefined> {
    if (!(await ofNumber(msisdn))) return 'number'
    if (!(await ofPrefix(prefixOf(msisdn)))) return 'prefix'
    return (await inAll('all')) ? undefined : 'all'
  }

  function turnAway(why: 'load' | 'number' | 'prefix' | 'all', msisdn: Msisdn): Promise<HopAnswer> {
    metrics.shed.inc({ why })
    return ending('session_busy', msisdn)
  }

  return async function answerHop(form: Form | undefined, id: string): Promise<HopAnswer> {
    const started = clock.ticks()
    const hop = readHop(form)
    const answer =
      'end' in hop
        ? await ending(hop.end, hop.msisdn)
        : underWay >= limits.underWay
          ? await turnAway('load', hop.msisdn)
          : await withinDeadline(take(hop, id), () => ending('session_slow', hop.msisdn))
    metrics.hopSeconds.observe((clock.ticks() - started) / 1000)
    return answer
  }
}

/** The five fields of the gateway; `networkCode` is of no use here. What a person typed is left to the menu, which asks again. */
function readHop(form: Form | undefined): Hop | { end: End; msisdn?: Msisdn } {
  const { sessionId, phoneNumber, serviceCode, text } = form ?? {}
  if (phoneNumber === undefined || phoneNumber.length > 24) return { end: 'session_unreadable' }
  const msisdn = readMsisdn(phoneNumber)
  if (!msisdn) return { end: /^\s?\+?\d{5,15}$/.test(phoneNumber) ? 'number_foreign' : 'session_unreadable' }
  const whole = sessionId !== undefined && serviceCode !== undefined && text !== undefined
  if (!whole || !/^[\w-]{1,128}$/.test(sessionId) || !/^[*#\d]{1,32}$/.test(serviceCode))
    return { end: 'session_unreadable', msisdn }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no key of a phone types one
  if (text.length > LONGEST_TEXT || /[\u0000-\u001f\u007f\ufffd]/.test(text)) return { end: 'session_unreadable', msisdn }
  return { sessionId, msisdn, serviceCode, text }
}
