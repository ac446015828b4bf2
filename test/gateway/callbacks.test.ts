import { expect, test } from 'vitest'
import { phone } from '../../src/gateway/emulator/phone.ts'
import { OPERATOR_ERROR } from '../../src/gateway/emulator/ussd.ts'
import { emulate, type Reply, startApplication } from './kit.ts'

const ASHA = '+254711000001'

async function stage(answer: Parameters<typeof startApplication>[0] = () => ({}), options: Parameters<typeof emulate>[0] = {}) {
  const application = await startApplication(answer)
  const emulator = await emulate({ callbacks: { base: application.base }, ...options })
  return { application, asha: phone(emulator.url, ASHA), ...emulator }
}

test('a session: five fields, a growing transcript, the label echoed, and the end event with every field', async () => {
  const { application, asha } = await stage(({ form, path }) => {
    if (path.endsWith('/end')) return {}
    return form.text === '1*12*'
      ? { body: 'END Asante', label: 'bye' }
      : { body: `CON Screen ${form.text}`, label: `s${form.text?.length}` }
  })
  const first = await asha.dial()
  expect(first).toEqual({
    sessionId: expect.stringMatching(/^ATUid_[0-9a-f]{32}$/),
    kind: 'CON',
    text: 'Screen ',
    metadata: 's0',
    raw: 'CON Screen ',
  })
  expect(await asha.session()).toMatchObject({ sessionId: first.sessionId, text: '', hops: 1, screen: 'Screen ', open: true })
  await asha.reply('1')
  await asha.reply('12')
  expect(await asha.reply('')).toMatchObject({ kind: 'END', text: 'Asante', metadata: 'bye' })

  const steps = application.at('ussd')
  expect(steps.map(({ form }) => form.text)).toEqual(['', '1', '1*12', '1*12*'])
  expect(steps.map(({ headers }) => headers['at-ussd-hop-metadata'])).toEqual([undefined, 's0', 's1', 's4'])
  expect(Object.keys(steps[0]?.form ?? {})).toEqual(['sessionId', 'phoneNumber', 'networkCode', 'serviceCode', 'text'])
  const [end] = await application.until('ussd/end', 1)
  expect(end?.form).toEqual({
    date: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    sessionId: first.sessionId,
    serviceCode: '*483*22262#',
    networkCode: '63902',
    phoneNumber: ASHA,
    status: 'Success',
    cost: 'KES 0.1000',
    durationInMillis: expect.stringMatching(/^\d+$/),
    hopsCount: '4',
    hopsMetadata: 's0|s1|s4|bye',
    input: '1*12*',
    lastAppResponse: 'END Asante',
    errorMessage: '',
  })
  await expect(asha.reply('1')).rejects.toThrow('409: no-session')
})

test('a deep dial, another service code and another network', async () => {
  const { application, asha } = await stage()
  await asha.dial({ text: '1*2', serviceCode: '*384*1#', network: 'airtel' })
  await asha.reply('3')
  await asha.dial()
  expect(application.at('ussd').map(({ form: { text, serviceCode, networkCode } }) => [text, serviceCode, networkCode])).toEqual([
    ['1*2', '*384*1#', '63903'],
    ['1*2*3', '*384*1#', '63903'],
    ['', '*483*22262#', '63903'],
  ])
})

test('hanging up and dialling again are Incomplete, each with one event', async () => {
  const { application, asha } = await stage()
  const hungUp = await asha.dial()
  expect(await asha.hangUp()).toEqual({ hungUp: true })
  expect(await asha.hangUp()).toEqual({ hungUp: false })
  const left = await asha.dial()
  const open = await asha.dial()
  const ends = await application.until('ussd/end', 2)
  expect(ends.map(({ form }) => form.status)).toEqual(['Incomplete', 'Incomplete'])
  expect(new Set(ends.map(({ form }) => form.sessionId))).toEqual(new Set([hungUp.sessionId, left.sessionId]))
  expect(await asha.session()).toMatchObject({ sessionId: open.sessionId, open: true })
})

test('a session that lives too long is Incomplete', async () => {
  const { application, asha } = await stage(undefined, { sessionMs: 50 })
  const { sessionId } = await asha.dial()
  const [end] = await application.until('ussd/end', 1)
  expect(end?.form).toMatchObject({ sessionId, status: 'Incomplete', hopsCount: '1', input: '' })
  await expect(asha.reply('1')).rejects.toThrow('409: no-session')
})

test.each<[string, Reply, string]>([
  ['a 404', { status: 404, body: 'CON Hello' }, 'Application answered 404'],
  ['a redirect', { status: 302, body: 'CON Hello' }, 'Application answered 302'],
  ['an empty body', { body: '' }, 'Response did not start with CON or END'],
  ['something before the prefix', { body: ' CON Hello' }, 'Response did not start with CON or END'],
  ['a prefix in small letters', { body: 'con Hello' }, 'Response did not start with CON or END'],
  ['JSON', { type: 'application/json', body: '{}' }, 'Response was not text/plain'],
  ['a label over 99 characters', { label: 'x'.repeat(100) }, 'Hop metadata was too long or held a |'],
  ['a label with a bar', { label: 'a|b' }, 'Hop metadata was too long or held a |'],
  ['no answer in time', { afterMs: 600 }, 'Application could not be reached: timeout'],
])('%s ends the session with the words of the operator', async (_, reply, errorMessage) => {
  const { application, asha } = await stage((call) => (call.path.endsWith('/end') ? {} : reply), {
    answerMs: reply.afterMs ? 200 : 5000,
  })
  expect(await asha.dial()).toMatchObject({ kind: 'error', text: OPERATOR_ERROR })
  const [end] = await application.until('ussd/end', 1)
  expect(end?.form).toMatchObject({ status: 'Failed', errorMessage, hopsCount: '1' })
  expect(await asha.session()).toMatchObject({ open: false, screen: OPERATOR_ERROR })
})

test('without callbacks a dial meets the words of the operator; they can be set later', async () => {
  const application = await startApplication()
  const { url, desk } = await emulate()
  const asha = phone(url, ASHA)
  expect(await asha.dial()).toMatchObject({ kind: 'error', text: OPERATOR_ERROR, raw: '' })
  await desk.setCallbacks(application.base)
  expect(await asha.dial()).toMatchObject({ kind: 'CON', text: 'Hello' })
})

test('duplicate-step: every callback comes twice, the session counts it once', async () => {
  const { application, asha, desk } = await stage()
  await desk.fault(ASHA, 'duplicate-step')
  await asha.dial()
  await asha.reply('1')
  expect(application.at('ussd').map(({ form }) => form.text)).toEqual(['', '', '1', '1'])
  expect(await asha.session()).toMatchObject({ hops: 2 })
})

test('a reply while another is under way is refused', async () => {
  const { application, asha } = await stage(({ form }) => ({ afterMs: form.text === '1' ? 500 : 0 }))
  await asha.dial()
  const slow = asha.reply('1')
  await application.until('ussd', 2)
  await expect(asha.reply('2')).rejects.toThrow('409: busy')
  expect(await slow).toMatchObject({ kind: 'CON' })
})

test('an inbound SMS is sent again with the same id until a 200', async () => {
  const answers = [500, 302, 201, 200]
  let attempts = 0
  const { application, asha } = await stage(() => ({ status: answers[attempts++] ?? 200 }))
  const { id, delivered } = await asha.sms('JOBS')
  expect(delivered).toBe(false)
  const calls = await application.until('sms', 4)
  expect(calls.map(({ form }) => form.id)).toEqual([id, id, id, id])
  expect(calls[3]?.form).toEqual({
    date: expect.any(String),
    from: ASHA,
    id,
    linkId: expect.any(String),
    text: 'JOBS',
    to: '22262',
    cost: 'KES 0.0000',
    networkCode: '63902',
  })
  const next = await asha.sms('HELP', '22263')
  expect(next).toEqual({ id: expect.not.stringMatching(id), delivered: true })
  expect(application.at('sms').map(({ form }) => form.text)).toEqual(['JOBS', 'JOBS', 'JOBS', 'JOBS', 'HELP'])
})

test('both date shapes occur', async () => {
  const { application, asha } = await stage()
  await asha.sms('HELP')
  await asha.sms('HELP')
  const [plain, iso] = application.at('sms').map(({ form }) => form.date)
  expect(plain).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  expect(iso).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
})

test('closing lets go of waits, redeliveries and open requests', async () => {
  const { application, asha, desk, close } = await stage(() => ({ status: 500 }), { redeliverMs: 3_600_000, reportMs: 3_600_000 })
  await asha.sms('JOBS')
  await asha.dial()
  const waiting = asha.waitForSms('never', 60_000)
  const refusedWait = expect(waiting).rejects.toThrow()
  await close()
  await refusedWait
  await expect(desk.faults()).rejects.toThrow()
  expect(application.at('sms')).toHaveLength(1)
})

test('the traffic shows both sides raw, newest 500, without the secret', async () => {
  const { application, asha, desk, url } = await stage()
  await asha.dial()
  await asha.sms('HELP')
  const [dialled, sms] = await desk.traffic()
  expect(dialled).toMatchObject({
    n: 1,
    from: 'gateway',
    msisdn: ASHA,
    request: { method: 'POST', path: '/ussd', body: application.at('ussd')[0]?.body },
    answer: { status: 200, body: 'CON Hello' },
  })
  expect(await desk.traffic(dialled?.n)).toEqual([sms])
  expect(JSON.stringify([dialled, sms])).not.toContain('made-up-secret')
  for (let i = 0; i < 505; i += 1) await fetch(`${url}/version1/messaging`, { method: 'POST' })
  expect(await desk.traffic()).toHaveLength(500)
  await desk.clearTraffic()
  expect(await desk.traffic()).toEqual([])
})

test.each<[string, string, unknown]>([
  ['POST', '/phones/abc/dial', {}],
  ['POST', '/phones/0711/sms', { text: 'x' }],
  ['POST', '/phones/254711000001/dial', { network: 'nobody' }],
  ['POST', '/phones/254711000001/reply', {}],
  ['POST', '/faults', { msisdn: ASHA, fault: 'toString' }],
  ['POST', '/faults', { msisdn: 'x', fault: 'hang' }],
  ['POST', '/faults', { msisdn: ASHA, fault: 'hang', times: 0 }],
  ['GET', '/traffic?after=x', undefined],
  ['PUT', '/callbacks', { base: 'file:///etc' }],
])('%s %s refuses what makes no sense', async (method, path, body) => {
  const { url } = await emulate()
  const sent = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(url + path, { method, ...sent })
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({ error: expect.any(String) })
})

test('a body that is no JSON is a 400, an unknown route a 404', async () => {
  const { url } = await emulate()
  const headers = { 'content-type': 'application/json' }
  expect((await fetch(`${url}/faults`, { method: 'POST', headers, body: '{' })).status).toBe(400)
  expect((await fetch(`${url}/nothing`)).status).toBe(404)
})

test('a taken port is said, not hung on', async () => {
  const { url } = await emulate()
  await expect(emulate({ port: Number(new URL(url).port) })).rejects.toThrow('EADDRINUSE')
})
