import type { Clock } from '../../base/clock.ts'
import { plainDate, wireId } from './wire.ts'

/** One USSD session as the operator's network sees it. */
export type Session = {
  sessionId: string
  msisdn: string
  networkCode: string
  serviceCode: string
  inputs: string[]
  /** Labels the application gave its steps, in order; the last one is echoed. */
  labels: string[]
  label: string | null
  hops: number
  /** What stands on the phone's screen. */
  screen: string
  lastAnswer: string
  startedTicks: number
  open: boolean
  busy: boolean
  /** Aborts when the session is over. */
  over: AbortController
}

export type EndStatus = 'Success' | 'Incomplete' | 'Failed'

export function newSession(
  clock: Clock,
  from: { msisdn: string; networkCode: string; serviceCode: string; text: string },
): Session {
  return {
    sessionId: wireId(clock, 'ATUid'),
    msisdn: from.msisdn,
    networkCode: from.networkCode,
    serviceCode: from.serviceCode,
    inputs: from.text === '' ? [] : [from.text],
    labels: [],
    label: null,
    hops: 0,
    screen: '',
    lastAnswer: '',
    startedTicks: clock.ticks(),
    open: true,
    busy: false,
    over: new AbortController(),
  }
}

/** Every input so far, joined by `*`, which is not escaped inside an input. */
export const transcript = (session: Session) => session.inputs.join('*')

/** The five fields of a step. */
export const stepFields = (session: Session) => ({
  sessionId: session.sessionId,
  phoneNumber: session.msisdn,
  networkCode: session.networkCode,
  serviceCode: session.serviceCode,
  text: transcript(session),
})

/** The fields of the session-end event. */
export const endFields = (session: Session, clock: Clock, status: EndStatus, errorMessage: string) => ({
  date: plainDate(clock.now()),
  sessionId: session.sessionId,
  serviceCode: session.serviceCode,
  networkCode: session.networkCode,
  phoneNumber: session.msisdn,
  status,
  cost: 'KES 0.1000',
  durationInMillis: String(Math.round(clock.ticks() - session.startedTicks)),
  hopsCount: String(session.hops),
  hopsMetadata: session.labels.join('|'),
  input: transcript(session),
  lastAppResponse: session.lastAnswer,
  errorMessage,
})
