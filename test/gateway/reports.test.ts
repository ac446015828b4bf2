import { expect, test } from 'vitest'
import { type Fault, faults } from '../../src/gateway/emulator/faults.ts'
import { phone } from '../../src/gateway/emulator/phone.ts'
import { connect, emulate, startApplication } from './kit.ts'

const ASHA = '+254711000001'

async function stage(options: Parameters<typeof emulate>[0] = {}) {
  const application = await startApplication()
  const emulator = await emulate({ callbacks: { base: application.base }, ...options })
  const statuses = () => application.at('delivery').map(({ form }) => form.status)
  return { application, statuses, gateway: connect(emulator.url), asha: phone(emulator.url, ASHA), ...emulator }
}

test.each<[Fault | undefined, string[]]>([
  [undefined, ['Sent', 'Success']],
  ['duplicate-report', ['Sent', 'Sent', 'Success', 'Success']],
  ['reversed-reports', ['Success', 'Sent']],
  ['unknown-status', ['Sent', 'HandsetBusy']],
  ['late-report', ['Sent', 'Success']],
  ['failed-report', ['Sent', 'Failed']],
])('reports with the fault %s', async (fault, expected) => {
  const { application, statuses, gateway, desk } = await stage()
  if (fault) await desk.fault(ASHA, fault)
  const result = await gateway.send(ASHA)
  const calls = await application.until('delivery', expected.length)
  expect(statuses()).toEqual(expected)
  expect(new Set(calls.map(({ form }) => form.id))).toEqual(new Set([result.outcome === 'accepted' && result.id]))
  expect(calls[0]?.form).toMatchObject({ phoneNumber: ASHA, networkCode: '63902' })
  await expect.poll(async () => (await desk.messages())[0]?.status).toBe(expected.at(-1))
})

test('a failed message says why and never reaches the phone', async () => {
  const { application, gateway, asha, desk } = await stage()
  await desk.fault(ASHA, 'failed-report')
  await gateway.send(ASHA)
  const [, failed] = await application.until('delivery', 2)
  expect(failed?.form).toMatchObject({ status: 'Failed', failureReason: 'DeliveryFailure' })
  expect(await asha.inbox()).toEqual([])
  expect(await desk.messages()).toHaveLength(1)
})

test('no-report: the message lands and nothing is said of it', async () => {
  const { application, gateway, asha, desk } = await stage()
  await desk.fault(ASHA, 'no-report', 1)
  await gateway.send(ASHA, 'first')
  await gateway.send(ASHA, 'second')
  await application.until('delivery', 2)
  const [first, second] = await asha.inbox()
  expect(application.at('delivery').map(({ form }) => form.id)).toEqual([second?.id, second?.id])
  expect(first).toMatchObject({ text: 'first', status: 'Success' })
})

test('early-report: both reports were answered before the sender hears of the message', async () => {
  const { application, gateway, desk } = await stage()
  await desk.fault(ASHA, 'early-report')
  const result = await gateway.send(ASHA)
  expect(application.at('delivery').map(({ form }) => [form.id, form.status])).toEqual([
    [result.outcome === 'accepted' && result.id, 'Sent'],
    [result.outcome === 'accepted' && result.id, 'Success'],
  ])
})

test('late-report: the later message is reported first', async () => {
  const { application, gateway, desk } = await stage({ lateReportMs: 600 })
  await desk.fault(ASHA, 'late-report', 1)
  const late = await gateway.send(ASHA)
  const prompt = await gateway.send(ASHA)
  const calls = await application.until('delivery', 4)
  const ids = [prompt, prompt, late, late].map((result) => result.outcome === 'accepted' && result.id)
  expect(calls.map(({ form }) => form.id)).toEqual(ids)
})

test('an opt-out is told to the application and holds until it is undone', async () => {
  const { application, gateway, asha } = await stage()
  expect(await asha.optOut()).toEqual({ delivered: true })
  expect(application.at('opt-out').map(({ form }) => form)).toEqual([{ senderId: '22262', phoneNumber: ASHA }])
  expect(await gateway.send(ASHA)).toEqual({ outcome: 'refused', reason: 'UserInBlacklist', optedOut: true })
  await asha.optIn()
  expect(await gateway.send(ASHA)).toMatchObject({ outcome: 'accepted' })
})

test('each fault of the table holds for the numbers with its digits', async () => {
  const { gateway, desk, asha } = await stage()
  expect(await gateway.send('+254711990405')).toMatchObject({ outcome: 'operator', reason: 'InsufficientBalance' })
  expect(await gateway.send('+254711990402')).toMatchObject({ outcome: 'operator', reason: 'InvalidSenderId' })
  expect(await gateway.send('+254711990406')).toMatchObject({ optedOut: true })
  const digits = Object.values(faults).map((fault) => fault.digits)
  expect(new Set(digits).size).toBe(digits.length)
  expect(await desk.faults()).toEqual([])
  expect(await asha.inbox()).toEqual([])
})

test('a fault counts down and can be listed and cleared', async () => {
  const { gateway, desk } = await stage()
  await desk.fault(ASHA, 'no-balance', 2)
  expect(await desk.faults()).toEqual([{ msisdn: ASHA, fault: 'no-balance', times: 2 }])
  const outcomes = [await gateway.send(ASHA), await gateway.send(ASHA), await gateway.send(ASHA)].map(({ outcome }) => outcome)
  expect(outcomes).toEqual(['operator', 'operator', 'accepted'])
  await desk.fault(ASHA, 'no-balance')
  await desk.clearFaults()
  expect(await desk.faults()).toEqual([])
  expect(await gateway.send(ASHA)).toMatchObject({ outcome: 'accepted' })
})

test('a list of recipients is answered one by one, in order', async () => {
  const { url, desk } = await emulate()
  await desk.fault('+254711000002', 'blacklisted')
  const form = new URLSearchParams({ username: 'wito', to: '+254711000001,+254711000002,rubbish', message: 'Habari' })
  const response = await fetch(`${url}/version1/messaging`, {
    method: 'POST',
    headers: { apiKey: 'made-up-key-3f9a' },
    body: form,
  })
  const { SMSMessageData } = (await response.json()) as {
    SMSMessageData: { Message: string; Recipients: { statusCode: number }[] }
  }
  expect(SMSMessageData.Message).toBe('Sent to 1/3 Total Cost: KES 0.8000')
  expect(SMSMessageData.Recipients.map(({ statusCode }) => statusCode)).toEqual([101, 406, 403])
})

test('waiting for an SMS reads on from the last one, and says when none came', async () => {
  const { gateway, asha } = await stage()
  const waiting = asha.waitForSms(/Code \d/)
  await gateway.send(ASHA, 'Hello')
  await gateway.send(ASHA, 'Code 1')
  await gateway.send(ASHA, 'Code 2')
  expect((await waiting).text).toBe('Code 1')
  expect((await asha.waitForSms('Code')).text).toBe('Code 2')
  await expect(asha.waitForSms('Code', 80)).rejects.toThrow('no such SMS within 80 ms')
})
