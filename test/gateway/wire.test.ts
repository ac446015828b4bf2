import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import type { Fault } from '../../src/gateway/emulator/faults.ts'
import { phone } from '../../src/gateway/emulator/phone.ts'
import { connect, emulate, KEY, startApplication } from './kit.ts'

const ASHA = '+254711000001'
const wire = (name: string) => readFileSync(new URL(`../wire/${name}`, import.meta.url), 'utf8').trimEnd()

/** Ids and dates that are the same every time, so that bodies can be compared whole. */
function fixedClock(): Clock {
  let count = 0
  const next = () => String(++count)
  return {
    ...systemClock,
    now: () => Date.UTC(2026, 2, 14, 6, 4, 45),
    ticks: () => 1000,
    bytes: (length) => Buffer.alloc(length, Number(next())),
    id: () => `00000000-0000-4000-8000-${next().padStart(12, '0')}`,
  }
}

async function stage() {
  const application = await startApplication(({ form }) =>
    form.text === '1'
      ? { body: 'END Asante. Maombi yako yamepokelewa.', label: 'jobs.done' }
      : { body: 'CON Karibu\n1. Kazi', label: 'home' },
  )
  const emulator = await emulate({ callbacks: { base: application.base }, clock: fixedClock(), reportMs: 1 })
  return { application, asha: phone(emulator.url, ASHA), gateway: connect(emulator.url, { senderId: 'WITO' }), ...emulator }
}

test('ussd steps and the end event', async () => {
  const { application, asha } = await stage()
  await asha.dial()
  await asha.reply('1')
  const [dial, step] = application.at('ussd')
  const [end] = await application.until('ussd/end', 1)
  expect(dial?.body).toBe(wire('ussd-dial.txt'))
  expect(step?.body).toBe(wire('ussd-step.txt'))
  expect(end?.body).toBe(wire('ussd-end.txt'))
  expect(dial?.headers['content-type']).toBe('application/x-www-form-urlencoded')
})

test('inbound messages and the opt-out', async () => {
  const { application, asha } = await stage()
  await asha.sms('Apply- KCSE26INV')
  await asha.sms('Nenosiri')
  await asha.optOut()
  expect(application.at('sms').map(({ body }) => body)).toEqual([wire('sms-plain-date.txt'), wire('sms-iso-date.txt')])
  expect(application.at('opt-out').map(({ body }) => body)).toEqual([wire('opt-out.txt')])
})

test('delivery reports', async () => {
  const { application, gateway, desk } = await stage()
  await gateway.send(ASHA)
  await application.until('delivery', 2)
  await desk.fault(ASHA, 'failed-report')
  await gateway.send(ASHA)
  const bodies = (await application.until('delivery', 4)).map(({ body }) => body)
  expect(bodies).toEqual(['sent', 'success', 'sent-2', 'failed'].map((name) => wire(`delivery-${name}.txt`)))
})

test.each<[string, Fault | undefined]>([
  ['messaging-accepted.txt', undefined],
  ['messaging-invalid-sender.txt', 'invalid-sender'],
  ['messaging-no-balance.txt', 'no-balance'],
  ['messaging-blacklisted.txt', 'blacklisted'],
  ['messaging-wrong-key.txt', 'wrong-key'],
])('%s', async (name, fault) => {
  const { url, desk } = await stage()
  if (fault) await desk.fault(ASHA, fault)
  const headers = { apiKey: KEY, 'content-type': 'application/x-www-form-urlencoded' }
  const response = await fetch(`${url}/version1/messaging`, { method: 'POST', headers, body: wire('messaging-request.txt') })
  expect(response.status).toBe(fault === 'wrong-key' ? 401 : 201)
  expect(response.headers.get('content-type')).toMatch(fault === 'wrong-key' ? /^text\/plain/ : /^application\/json/)
  expect(await response.text()).toBe(wire(name))
})

test('the request that the SDK sends', async () => {
  const { gateway, desk } = await stage()
  await gateway.send(ASHA, 'Habari, karibu.')
  const [sent] = (await desk.traffic()).filter(({ from }) => from === 'application')
  expect(sent?.request.body).toBe(wire('messaging-request.txt'))
  expect(sent?.request.headers).toMatchObject({
    accept: 'application/json',
    'content-type': expect.stringMatching(/^application\/x-www-form-urlencoded/),
  })
  expect(JSON.stringify(sent)).not.toContain(KEY)
})
