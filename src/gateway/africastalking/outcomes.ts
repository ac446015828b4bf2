import type { SendResult } from '../gateway.ts'

type Denial = Exclude<SendResult, { outcome: 'accepted' | 'unknown' }>
type Verdict = { outcome: 'accepted' } | Denial

const refused = (reason: string, optedOut = false): Denial => ({ outcome: 'refused', reason, optedOut })
const operator = (reason: string): Denial => ({ outcome: 'operator', reason })
const again = (reason: string): Denial => ({ outcome: 'again', reason })

/** The gateway's `statusCode` of one recipient. A code that is not here is `unknown`. */
export const statusCodes = {
  100: { outcome: 'accepted' },
  101: { outcome: 'accepted' },
  102: { outcome: 'accepted' },
  401: refused('RiskHold'),
  402: operator('InvalidSenderId'),
  403: refused('InvalidPhoneNumber'),
  404: refused('UnsupportedNumberType'),
  405: operator('InsufficientBalance'),
  406: refused('UserInBlacklist', true),
  407: refused('CouldNotRoute'),
  409: refused('DoNotDisturbRejection'),
  500: again('InternalServerError'),
  501: again('GatewayError'),
  502: again('RejectedByGateway'),
} satisfies Record<number, Verdict>

/** HTTP statuses that are not 201. Every 5xx that is not here, nor perhaps sent, is worth another try; the rest is `unknown`. */
export const httpStatuses = {
  401: operator('http-401'),
  403: operator('http-403'),
  404: operator('http-404'),
  408: again('http-408'),
  429: again('http-429'),
} satisfies Record<number, Denial>

/** A proxy on the way lost the answer of a server that may have taken the message. */
const PERHAPS_SENT: ReadonlySet<number> = new Set([502, 504])

/** Failures before a byte of the request was written: nothing can have been sent. */
const unwritten = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** A failed call in bare facts: `status` of an HTTP answer, else the error's `code`. `badNumber`: the SDK refused it itself. */
export type Failure = { status?: number; code?: string; badNumber?: boolean }

/** What a failed call means. Whatever may have been written and was not answered is `unknown`. */
export function readFailure({ status, code, badNumber }: Failure): SendResult {
  if (badNumber) return refused('InvalidPhoneNumber')
  if (status !== undefined) {
    const verdict = (httpStatuses as Record<number, Denial>)[status]
    return verdict ?? { outcome: status >= 500 && !PERHAPS_SENT.has(status) ? 'again' : 'unknown', reason: `http-${status}` }
  }
  if (code !== undefined && unwritten.has(code)) return { outcome: 'again', reason: code }
  if (code === 'ERR_CANCELED') return { outcome: 'unknown', reason: 'timeout' }
  return { outcome: 'unknown', reason: code ?? 'unreadable-answer' }
}

/** What a 201 says about the one recipient. `answer` is the parsed body, of whatever shape it came. */
export function readAnswer(answer: unknown): SendResult {
  const data = field(answer, 'SMSMessageData')
  const recipients = field(data, 'Recipients')
  if (!Array.isArray(recipients)) return { outcome: 'unknown', reason: 'unreadable-answer' }
  if (recipients.length === 0 && field(data, 'Message') === 'InvalidSenderId')
    return { outcome: 'operator', reason: 'InvalidSenderId' }
  if (recipients.length !== 1) return { outcome: 'unknown', reason: `${recipients.length}-recipients` }
  return readRecipient(recipients[0])
}

function readRecipient(recipient: unknown): SendResult {
  const code = field(recipient, 'statusCode')
  if (typeof code !== 'number') return { outcome: 'unknown', reason: 'unreadable-answer' }
  const verdict = (statusCodes as Record<number, Verdict>)[code]
  if (!verdict) return { outcome: 'unknown', reason: `status-${code}` }
  if (verdict.outcome !== 'accepted') return verdict
  const id = field(recipient, 'messageId')
  const cost = field(recipient, 'cost')
  if (typeof id !== 'string' || !id.startsWith('ATXid_')) return { outcome: 'unknown', reason: 'no-message-id' }
  return { outcome: 'accepted', id, cost: typeof cost === 'string' ? cost : '' }
}

/** The id under which the answer to a look-up will come; the SDK has seen to it that the question was taken. */
export function readLookUp(answer: unknown): { asked: string } | { failed: string } {
  const responses = field(answer, 'responses')
  const first: unknown = Array.isArray(responses) ? responses[0] : undefined
  const [id, status] = [field(first, 'requestId'), field(first, 'status')]
  if (typeof id === 'string' && id !== '' && status === 'Queued') return { asked: id }
  return { failed: typeof status === 'string' ? status : 'unreadable-answer' }
}

export const readFailedLookUp = ({ status, code }: Failure): { failed: string } => ({
  failed: status === undefined ? (code ?? 'unreadable-answer') : `http-${status}`,
})

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
