import { LRUCache } from 'lru-cache'
import type { Clock } from '../../base/clock.ts'
import type { Background } from './background.ts'
import type { CallbackAnswer, Callbacks } from './callbacks.ts'
import type { FaultBook } from './faults.ts'
import type { Subscribers } from './messages.ts'
import { type EndStatus, endFields, newSession, type Session, stepFields, transcript } from './session.ts'

/** What a person sees when the application's answer is of no use. */
export const OPERATOR_ERROR = 'Connection problem or invalid MMI code.'

/**
 * A screen on the phone. `error` shows the operator's own text, and `raw` what the application sent, if anything. `text` is
 * without the `CON ` or `END `. `metadata` is the label of the step.
 */
export type Screen = { sessionId: string; kind: 'CON' | 'END' | 'error'; text: string; metadata: string | null; raw: string }

export type SessionView = {
  sessionId: string
  serviceCode: string
  networkCode: string
  text: string
  hops: number
  screen: string
  open: boolean
}

export type Ussd = {
  /** A new session; one that is still open is hung up first. `text` is what a deep dial carries (`*code*1*2#` → `1*2`). */
  dial(msisdn: string, dialled?: { serviceCode?: string; networkCode?: string; text?: string }): Promise<Screen>
  reply(msisdn: string, input: string): Promise<Screen | 'no-session' | 'busy'>
  /** False when there was nothing to hang up. */
  hangUp(msisdn: string): boolean
  session(msisdn: string): SessionView | null
}

type Options = {
  clock: Clock
  background: Background
  callbacks: Callbacks
  faults: FaultBook
  subscribers: Subscribers
  serviceCode: string
  sessionMs: number
}

/** USSD as the operators and Africa's Talking carry it between a phone and the application. */
export function openUssd({ clock, background, callbacks, faults, subscribers, serviceCode, sessionMs }: Options): Ussd {
  const sessions = new LRUCache<string, Session>({ max: 5000, dispose: (session) => end(session, 'Incomplete') })

  function end(session: Session, status: EndStatus, errorMessage = '') {
    if (!session.open) return
    session.open = false
    session.over.abort()
    const fields = endFields(session, clock, status, errorMessage)
    background.run(callbacks.post('ussd/end', session.msisdn, fields))
  }

  async function expire(session: Session) {
    await clock.sleep(sessionMs, AbortSignal.any([session.over.signal, background.signal]))
    if (!background.signal.aborted) end(session, 'Incomplete')
  }

  async function step(session: Session): Promise<Screen> {
    session.busy = true
    session.hops += 1
    const echo: Record<string, string> = session.label === null ? {} : { 'at-ussd-hop-metadata': session.label }
    const post = () => callbacks.post('ussd', session.msisdn, stepFields(session), echo)
    const twice = faults.take(session.msisdn, 'step') === 'duplicate-step'
    const [answer] = await Promise.all(twice ? [post(), post()] : [post()])
    session.busy = false
    return show(session, answer as CallbackAnswer)
  }

  function show(session: Session, answer: CallbackAnswer): Screen {
    const read = readStep(answer)
    session.lastAnswer = read.raw
    session.screen = read.text
    session.label = read.metadata
    if (read.metadata !== null) session.labels.push(read.metadata)
    if (read.kind === 'END') end(session, 'Success')
    if (read.kind === 'error') end(session, 'Failed', read.trouble)
    const { kind, text, metadata, raw } = read
    return { sessionId: session.sessionId, kind, text, metadata, raw }
  }

  return {
    async dial(msisdn, dialled = {}) {
      const subscriber = subscribers.of(msisdn)
      if (dialled.networkCode !== undefined) subscriber.networkCode = dialled.networkCode
      const session = newSession(clock, {
        msisdn,
        networkCode: subscriber.networkCode,
        serviceCode: dialled.serviceCode ?? serviceCode,
        text: dialled.text ?? '',
      })
      // Setting it disposes of the one before, which ends that one.
      sessions.set(msisdn, session)
      background.run(expire(session))
      return step(session)
    },
    async reply(msisdn, input) {
      const session = sessions.get(msisdn)
      if (!session?.open) return 'no-session'
      if (session.busy) return 'busy'
      session.inputs.push(input)
      return step(session)
    },
    hangUp(msisdn) {
      const session = sessions.get(msisdn)
      if (!session?.open) return false
      end(session, 'Incomplete')
      return true
    },
    session(msisdn) {
      const session = sessions.get(msisdn)
      if (!session) return null
      const { sessionId, networkCode, hops, screen, open } = session
      return { sessionId, serviceCode: session.serviceCode, networkCode, text: transcript(session), hops, screen, open }
    },
  }
}

type Read = { kind: Screen['kind']; text: string; metadata: string | null; raw: string; trouble: string }

function readStep(answer: CallbackAnswer): Read {
  const failed = (raw: string, trouble: string): Read => ({ kind: 'error', text: OPERATOR_ERROR, metadata: null, raw, trouble })
  if ('error' in answer) return failed('', `Application could not be reached: ${answer.error}`)
  const { status, headers, body: raw } = answer
  if (status !== 200) return failed(raw, `Application answered ${status}`)
  if (!headers['content-type']?.startsWith('text/plain')) return failed(raw, 'Response was not text/plain')
  const [, kind, text] = /^(CON|END) ([\s\S]*)$/.exec(raw) ?? []
  if (kind === undefined || text === undefined) return failed(raw, 'Response did not start with CON or END')
  const label = headers['at-ussd-hop-metadata'] ?? null
  if (label !== null && (label.length > 99 || label.includes('|'))) return failed(raw, 'Hop metadata was too long or held a |')
  return { kind: kind as 'CON' | 'END', text, metadata: label, raw, trouble: '' }
}
