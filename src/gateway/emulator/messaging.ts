import type { Clock } from '../../base/clock.ts'
import type { AnswerFault, FaultBook } from './faults.ts'
import type { Message, Messages, Subscribers } from './messages.ts'
import type { Reports } from './reports.ts'
import { wireId } from './wire.ts'

/** What the gateway does with a request to send: an answer, or no answer at all. */
export type SendAnswer = { status: number; type: 'json' | 'text' | 'html'; body: string } | { silence: 'hang' | 'reset' }

/** The names that go with a recipient's status code; of others the emulator says `Unlisted`. */
const statusNames: Record<number, string> = {
  100: 'Processed',
  101: 'Success',
  102: 'Queued',
  401: 'RiskHold',
  402: 'InvalidSenderId',
  403: 'InvalidPhoneNumber',
  404: 'UnsupportedNumberType',
  405: 'InsufficientBalance',
  406: 'UserInBlacklist',
  407: 'CouldNotRoute',
  409: 'DoNotDisturbRejection',
  500: 'InternalServerError',
  501: 'GatewayError',
  502: 'RejectedByGateway',
}

const codeOfFault: Partial<Record<AnswerFault, number>> = { 'no-balance': 405, blacklisted: 406 }

const refusals: Partial<Record<AnswerFault, SendAnswer>> = {
  'wrong-key': { status: 401, type: 'text', body: 'The supplied authentication is invalid' },
  'invalid-sender': created('InvalidSenderId', []),
  'too-many': { status: 429, type: 'text', body: 'Too Many Requests' },
  'error-500': { status: 500, type: 'text', body: 'There was an internal server error.' },
}

/** How an accepted request goes unanswered, or is answered with what no program can read. */
const garbled: Partial<Record<AnswerFault, SendAnswer>> = {
  hang: { silence: 'hang' },
  reset: { silence: 'reset' },
  rubbish: { status: 201, type: 'html', body: '<html><body>Please wait...</body></html>' },
}

type Options = {
  clock: Clock
  faults: FaultBook
  messages: Messages
  subscribers: Subscribers
  reports: Reports
  apiKey: string | undefined
  username: string | undefined
}

/** `POST /version1/messaging` as Africa's Talking answers it. */
export function openMessaging({ clock, faults, messages, subscribers, reports, apiKey, username }: Options) {
  /** `form`: `username to message from? bulkSMSMode? enqueue?`; `to` may be a list with commas. */
  return async function send(form: Record<string, string>, key: string | undefined): Promise<SendAnswer> {
    const unknownKey = apiKey !== undefined && key !== apiKey
    if (!key || unknownKey || (username !== undefined && form.username !== username)) return refusals['wrong-key'] as SendAnswer
    for (const name of ['username', 'to', 'message'])
      if (!form[name]) return { status: 400, type: 'text', body: `Request is missing required form field '${name}'` }

    const numbers = (form.to ?? '').split(',').map((number) => number.trim())
    const wished = new Map(numbers.map((number) => [number, faults.take(number, 'answer')]))
    const refused = [...wished.values()].map((fault) => fault && refusals[fault]).find(Boolean)
    if (refused) return refused

    const taken = await Promise.all(
      numbers.map((number) => take(number, codeFor(number, wished.get(number), form.enqueue === '1'), form)),
    )
    const accepted = taken.filter(({ messageId }) => messageId !== 'None').length
    const cost = accepted > 0 ? `KES ${(accepted * 0.8).toFixed(4)}` : '0'
    const odd = [...wished.values()].map((fault) => fault && garbled[fault]).find(Boolean)
    return odd ?? created(`Sent to ${accepted}/${numbers.length} Total Cost: ${cost}`, taken)
  }

  function codeFor(number: string, fault: AnswerFault | undefined, enqueue: boolean): number {
    if (!/^\+\d{9,15}$/.test(number)) return 403
    if (fault?.startsWith('status-')) return Number(fault.slice('status-'.length))
    if (subscribers.of(number).optedOut) return 406
    return (fault && codeOfFault[fault]) ?? (enqueue ? 102 : 101)
  }

  async function take(number: string, statusCode: number, form: Record<string, string>) {
    const status = statusNames[statusCode] ?? 'Unlisted'
    if (![100, 101, 102].includes(statusCode)) return { statusCode, number, status, cost: '0', messageId: 'None' }
    const fault = faults.take(number, 'report')
    const message: Message = messages.add({
      id: wireId(clock, 'ATXid'),
      from: form.from ?? 'AFRICASTKNG',
      to: number,
      text: form.message ?? '',
      at: clock.now(),
      cost: 'KES 0.8000',
      status,
      landed: fault !== 'failed-report',
    })
    await reports.follow(message, subscribers.of(number).networkCode, fault)
    return { statusCode, number, status, cost: message.cost, messageId: message.id }
  }
}

function created(Message: string, Recipients: unknown[]): SendAnswer {
  return { status: 201, type: 'json', body: JSON.stringify({ SMSMessageData: { Message, Recipients } }) }
}
