import type { Chance } from '../kit/chance.ts'

const EVENTS = ['ussd', 'ussd/end', 'sms', 'delivery', 'opt-out'] as const
type Event = (typeof EVENTS)[number]
const FIELDS: Record<Event, string[]> = {
  ussd: ['sessionId', 'phoneNumber', 'networkCode', 'serviceCode', 'text'],
  'ussd/end': ['status', 'input', 'lastAppResponse'],
  sms: ['id', 'from', 'to', 'text', 'date'],
  delivery: ['id', 'status', 'phoneNumber', 'failureReason'],
  'opt-out': ['senderId', 'phoneNumber'],
}
const TYPES = ['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/octet-stream', 'image/png', '']
const FORM = 'application/x-www-form-urlencoded'

/** One hostile request. `whole` false: what is written is no request that can be answered as asked. */
export type Hostile = { event: Event; bytes: Buffer; tooLong: boolean; whole: boolean }

const values: ((chance: Chance) => string)[] = [
  () => '',
  () => 'null',
  () => '+254700000901',
  () => '*483*22262#',
  (chance) => '9'.repeat(chance.below(400)),
  (chance) => '1*'.repeat(chance.below(300)),
  () => '%00%01%ff%fe',
  () => '%E0%A4%A',
  () => '%F0%9F%98%80'.repeat(20),
  () => "' OR 1=1; DROP TABLE people; --",
  () => '../../../../etc/passwd',
  () => '<script>alert(1)</script>',
  () => '__proto__',
  () => '-9007199254740993.5e308',
  (chance) => encodeURIComponent(Buffer.from(Array.from({ length: 60 }, () => chance.below(256))).toString('latin1')),
]
const names = ['__proto__', 'constructor', 'text[]', 'text[a][b]', 'toString', '', 'id', 'phoneNumber']

const nested = (depth: number) => `${'{"a":['.repeat(depth)}${']}'.repeat(depth)}`

function body(chance: Chance, event: Event): Buffer {
  switch (chance.below(8)) {
    case 0:
      return Buffer.from(Array.from({ length: chance.below(600) }, () => chance.below(256)))
    case 1:
      return Buffer.from(nested(chance.below(900)))
    case 2:
      return Buffer.from(JSON.stringify({ id: null, from: [], text: { deep: true }, phoneNumber: 1e308 }))
    case 3:
      // Over every limit of these routes, and no more than is worth sending so often.
      return Buffer.from(`text=${'x'.repeat(8_200 + chance.below(30_000))}`)
    default: {
      const fields = [...FIELDS[event], ...(chance.below(3) === 0 ? [chance.pick(names)] : [])]
      return Buffer.from(fields.map((name) => `${name}=${chance.pick(values)(chance)}`).join('&'), 'latin1')
    }
  }
}

/** What somebody who knows the secret may send: random bytes, huge fields, wrong types, deep nesting, bad escapes, garbage for chunks. */
export function hostile(chance: Chance, secret: string): Hostile {
  const event = chance.pick(EVENTS)
  const content = body(chance, event)
  const type = chance.below(3) === 0 ? chance.pick(TYPES) : FORM
  const head = `POST /callbacks/${secret}/${event} HTTP/1.1\r\nHost: x\r\n${type === '' ? '' : `Content-Type: ${type}\r\n`}`
  const write = (more: string, ...rest: Buffer[]) => Buffer.concat([Buffer.from(`${head}${more}\r\n`), ...rest])
  const tooLong = content.length > 8_192 && type === FORM
  switch (chance.below(20)) {
    case 0:
      return {
        event,
        tooLong: false,
        whole: false,
        bytes: write('Transfer-Encoding: chunked\r\n', Buffer.from('zz\r\n'), content),
      }
    case 1:
      return { event, tooLong: false, whole: false, bytes: write('Content-Length: -5\r\n', content) }
    case 2:
      return { event, tooLong: false, whole: false, bytes: write('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', content) }
    case 3: {
      const size = Buffer.from(`${content.length.toString(16)}\r\n`)
      const bytes = write(
        'Transfer-Encoding: chunked\r\n',
        ...(content.length > 0 ? [size, content, Buffer.from('\r\n')] : []),
        Buffer.from('0\r\n\r\n'),
      )
      return { event, tooLong, whole: true, bytes }
    }
    case 4:
      // A stream of nothing, said to be compressed.
      return {
        event,
        tooLong: false,
        whole: false,
        bytes: write(`Content-Encoding: gzip\r\nContent-Length: ${content.length}\r\n`, content),
      }
    default:
      return { event, tooLong, whole: true, bytes: write(`Content-Length: ${content.length}\r\n`, content) }
  }
}
