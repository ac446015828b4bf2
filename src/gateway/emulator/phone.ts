import { ask } from './ask.ts'
import type { Message } from './messages.ts'
import type { Numbered } from './ring.ts'
import type { Screen, SessionView } from './ussd.ts'

export type ReceivedSms = Numbered<Message>

export type Phone = {
  msisdn: string
  /** `network`: safaricom, airtel, telkom, equitel, sandbox or a code; kept for later dials. `text`: a deep dial, `1*2`. */
  dial(dialled?: { serviceCode?: string; network?: string; text?: string }): Promise<Screen>
  reply(input: string): Promise<Screen>
  hangUp(): Promise<{ hungUp: boolean }>
  session(): Promise<SessionView | null>
  /** To the short code unless `to` says otherwise. `delivered` is about the first attempt; more follow until a 200. */
  sms(text: string, to?: string): Promise<{ id: string; delivered: boolean }>
  optOut(): Promise<{ delivered: boolean }>
  /** Undoes `optOut` at the gateway. */
  optIn(): Promise<object>
  /** Messages with a number (`n`) above `after`, oldest first. */
  inbox(after?: number): Promise<ReceivedSms[]>
  /**
   * The first message that matches and came after the one this function returned last; waits up to `ms` for it, then throws
   * with a count of what came instead.
   */
  waitForSms(matcher: string | RegExp | ((sms: ReceivedSms) => boolean), ms?: number): Promise<ReceivedSms>
}

/** A phone on the emulator at `url`. Every call throws when the emulator refuses it (`no-session`, `busy`, a bad number). */
export function phone(url: string, msisdn: string): Phone {
  const at = `/phones/${encodeURIComponent(msisdn)}`
  let read = 0

  async function waitForSms(matcher: Parameters<Phone['waitForSms']>[0], ms = 5000): Promise<ReceivedSms> {
    const deadline = AbortSignal.timeout(ms)
    let seen = read
    let others = 0
    for (;;) {
      const came = await ask<ReceivedSms[]>(url, 'GET', `${at}/inbox?after=${seen}&wait=1`, undefined, deadline).catch(
        (error) => {
          if (!deadline.aborted) throw error
          throw new Error(`no such SMS within ${ms} ms; ${others} other(s) came`)
        },
      )
      for (const sms of came) {
        seen = sms.n
        if (matches(sms, matcher)) {
          read = seen
          return sms
        }
        others += 1
      }
    }
  }

  return {
    msisdn,
    dial: (dialled = {}) => ask(url, 'POST', `${at}/dial`, dialled),
    reply: (input) => ask(url, 'POST', `${at}/reply`, { input }),
    hangUp: () => ask(url, 'POST', `${at}/hangup`),
    session: async () => (await ask<{ session: SessionView | null }>(url, 'GET', `${at}/session`)).session,
    sms: (text, to) => ask(url, 'POST', `${at}/sms`, { text, to }),
    optOut: () => ask(url, 'POST', `${at}/opt-out`),
    optIn: () => ask(url, 'DELETE', `${at}/opt-out`),
    inbox: (after = 0) => ask(url, 'GET', `${at}/inbox?after=${after}`),
    waitForSms,
  }
}

function matches(sms: ReceivedSms, matcher: Parameters<Phone['waitForSms']>[0]): boolean {
  if (typeof matcher === 'string') return sms.text.includes(matcher)
  return matcher instanceof RegExp ? matcher.test(sms.text) : matcher(sms)
}
