import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Fault } from '../../src/gateway/emulator/faults.ts'
import { phone } from '../../src/gateway/emulator/phone.ts'
import type { SendResult } from '../../src/gateway/gateway.ts'
import { connect, emulate, KEY, TEXT } from './kit.ts'

const ASHA = '+254711000001'
const refused = (reason: string, optedOut = false) => ({ outcome: 'refused', reason, optedOut }) as const
const operator = (reason: string) => ({ outcome: 'operator', reason }) as const
const again = (reason: string) => ({ outcome: 'again', reason }) as const
const unknown = (reason: string) => ({ outcome: 'unknown', reason }) as const

test('an accepted message brings back the id and the cost, and lies in the inbox', async () => {
  const { url } = await emulate()
  const result = await connect(url, { senderId: 'WITO' }).send(ASHA)
  const [sms] = await phone(url, ASHA).inbox()
  expect(result).toEqual({ outcome: 'accepted', id: sms?.id, cost: 'KES 0.8000' })
  expect(sms).toMatchObject({ id: expect.stringMatching(/^ATXid_[0-9a-f]{32}$/), from: 'WITO', to: ASHA, text: TEXT })
})

test.each([100, 101, 102] as const)('status code %i is accepted', async (code) => {
  const { url, desk } = await emulate()
  await desk.fault(ASHA, `status-${code}`)
  expect(await connect(url).send(ASHA)).toMatchObject({ outcome: 'accepted' })
})

test.each<[Fault, SendResult]>([
  ['status-401', refused('RiskHold')],
  ['status-402', operator('InvalidSenderId')],
  ['status-403', refused('InvalidPhoneNumber')],
  ['status-404', refused('UnsupportedNumberType')],
  ['status-405', operator('InsufficientBalance')],
  ['status-406', refused('UserInBlacklist', true)],
  ['status-407', refused('CouldNotRoute')],
  ['status-409', refused('DoNotDisturbRejection')],
  ['status-500', again('InternalServerError')],
  ['status-501', again('GatewayError')],
  ['status-502', again('RejectedByGateway')],
  ['status-408', unknown('status-408')],
  ['status-999', unknown('status-999')],
  ['invalid-sender', operator('InvalidSenderId')],
  ['wrong-key', operator('http-401')],
  ['no-balance', operator('InsufficientBalance')],
  ['blacklisted', refused('UserInBlacklist', true)],
  ['too-many', again('http-429')],
  ['error-500', again('http-500')],
  ['reset', unknown('ECONNRESET')],
  ['rubbish', unknown('unreadable-answer')],
  ['hang', unknown('timeout')],
])('%s', async (fault, expected) => {
  const { url, desk } = await emulate()
  await desk.fault(ASHA, fault)
  const gateway = connect(url, { timeoutMs: fault === 'hang' ? 300 : 5000 })
  expect(await gateway.send(ASHA)).toEqual(expected)
  expect(gateway.lines).toHaveLength(1)
})

test('a wrong key is for the operator', async () => {
  const { url } = await emulate()
  expect(await connect(url, { apiKey: 'another-made-up-key' }).send(ASHA)).toEqual(operator('http-401'))
})

test('a number that the SDK will not send to is refused without a request', async () => {
  const { url, desk } = await emulate()
  for (const to of ['', 'abc', '0711', '+2547']) expect(await connect(url).send(to)).toEqual(refused('InvalidPhoneNumber'))
  expect(await desk.traffic()).toEqual([])
})

test('nobody listens: worth another try', async () => {
  const { url, close } = await emulate()
  await close()
  expect(await connect(url).send(ASHA)).toEqual(again('ECONNREFUSED'))
})

test('a message that was taken and not answered arrives all the same', async () => {
  const { url, desk } = await emulate()
  for (const fault of ['hang', 'reset', 'rubbish'] as const) {
    await desk.fault(ASHA, fault, 1)
    expect(await connect(url, { timeoutMs: 1000 }).send(ASHA, fault)).toMatchObject({ outcome: 'unknown' })
    expect(await phone(url, ASHA).waitForSms(fault)).toMatchObject({ text: fault })
  }
})

test('two hundred sends at once, by two gateways with different addresses and keys, do not mix', async () => {
  const [one, two] = [await emulate({ apiKey: 'key-one' }), await emulate({ apiKey: 'key-two' })]
  const gateways = [
    connect(one.url, { apiKey: 'key-one', timeoutMs: 9000 }),
    connect(two.url, { apiKey: 'key-two', timeoutMs: 9000 }),
  ]
  const results = await Promise.all(
    Array.from({ length: 200 }, (_, i) => gateways[i % 2]?.send(`+2547110${String(i).padStart(5, '0')}`, `message ${i}`)),
  )
  expect(new Set(results.map((result) => result?.outcome))).toEqual(new Set(['accepted']))
  const texts = async (desk: typeof one.desk) => (await desk.messages()).map(({ text }) => Number(text.slice(8)) % 2)
  expect(await texts(one.desk)).toEqual(Array(100).fill(0))
  expect(await texts(two.desk)).toEqual(Array(100).fill(1))
})

/** Any other answer a server could give, by the real SDK. */
async function answering(status: number, body: string, headers: Record<string, string> = {}) {
  let requests = 0
  let dropped = 0
  const server = createServer((request, response) => {
    requests += 1
    request.resume()
    response.on('close', () => {
      if (!response.writableFinished) dropped += 1
    })
    if (status > 0) response.writeHead(status, headers).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => server.closeAllConnections())
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, count: () => ({ requests, dropped }) }
}

const recipient = (fields: object) => JSON.stringify({ SMSMessageData: { Message: '', Recipients: [fields] } })

describe('answers that no emulator would give', () => {
  test.each<[number, string, SendResult]>([
    [200, recipient({ statusCode: 101, messageId: 'ATXid_1' }), unknown('unreadable-answer')],
    [201, '', unknown('unreadable-answer')],
    [201, 'null', unknown('unreadable-answer')],
    [201, '{"SMSMessageData":null}', unknown('unreadable-answer')],
    [201, '{"SMSMessageData":{"Message":"SomethingElse","Recipients":[]}}', unknown('0-recipients')],
    [201, recipient({ statusCode: '101', messageId: 'ATXid_1' }), unknown('unreadable-answer')],
    [201, recipient({ statusCode: 101, messageId: 'None' }), unknown('no-message-id')],
    [201, '{"SMSMessageData":{"Recipients":[{"statusCode":101},{"statusCode":101}]}}', unknown('2-recipients')],
    [400, 'Request is missing required form field', unknown('http-400')],
    [403, '', operator('http-403')],
    [404, '', operator('http-404')],
    [408, '', again('http-408')],
    [502, '<html>', unknown('http-502')],
    [504, '', unknown('http-504')],
    [503, '', again('http-503')],
  ])('%i %s', async (status, body, expected) => {
    const { url } = await answering(status, body)
    expect(await connect(url).send(ASHA)).toEqual(expected)
  })

  test('a redirect is not followed: it would carry the key along', async () => {
    const other = await answering(201, '{}')
    const { url } = await answering(307, '', { location: other.url })
    expect(await connect(url).send(ASHA)).toEqual(unknown('http-307'))
    expect(other.count().requests).toBe(0)
  })

  test('at the deadline the socket is closed, not only the wait', async () => {
    const { url, count } = await answering(0, '')
    expect(await connect(url, { timeoutMs: 100 }).send(ASHA)).toEqual(unknown('timeout'))
    await expect.poll(() => count()).toEqual({ requests: 1, dropped: 1 })
  })

  test('connections are kept and used again', async () => {
    const ports = new Set<number | undefined>()
    const server = createServer((request, response) => {
      ports.add(request.socket.remotePort)
      request.resume().on('end', () => response.writeHead(503).end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    onTestFinished(() => server.closeAllConnections())
    const { send } = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    for (let i = 0; i < 5; i += 1) await send(ASHA)
    expect(ports.size).toBe(1)
  })
})

test('no key, text or number in a result or a log line, whatever went wrong', async () => {
  const { url, desk, close } = await emulate()
  const gateway = connect(url, { timeoutMs: 200 })
  const results: SendResult[] = []
  for (const fault of [
    'wrong-key',
    'invalid-sender',
    'error-500',
    'too-many',
    'hang',
    'reset',
    'rubbish',
    'status-406',
  ] as const) {
    await desk.fault(ASHA, fault)
    results.push(await gateway.send(ASHA))
  }
  results.push(await gateway.send(`not a number ${ASHA}`))
  await close()
  results.push(await gateway.send(ASHA))
  expect(results.map(({ outcome }) => outcome)).not.toContain('accepted')
  expect(gateway.lines).toHaveLength(results.length)
  const everything = JSON.stringify(results) + gateway.lines.join('')
  for (const secret of [KEY, TEXT, encodeURIComponent(TEXT), TEXT.replaceAll(' ', '+'), ASHA.slice(1)])
    expect(everything).not.toContain(secret)
})

test("the SDK's own error does hold the key and the text: what the wrapping is for", async () => {
  const { openSdk } = await import('../../src/gateway/africastalking/sdk.ts')
  const { url, desk } = await emulate()
  await desk.fault(ASHA, 'error-500')
  const { send } = openSdk({ username: 'wito', apiKey: KEY, url, insights: url, senderId: undefined, timeoutMs: 2000 })
  const thrown = await send({ to: ASHA, text: TEXT, bulk: false }).catch((error: unknown) => error)
  expect(JSON.stringify(thrown)).toContain(KEY)
})
