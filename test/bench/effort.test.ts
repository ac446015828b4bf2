import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { MORNING } from '../../src/bench/capacity.ts'
import { brokenEfforts, COUNTING, type Effort, effort, effortTable } from '../../src/bench/effort.ts'
import type { Language } from '../../src/store/schema.ts'
import { type Conversation, readConversations } from '../kit/conversation.ts'

let rows: Effort[]
beforeAll(async () => {
  rows = await effort()
})

const rowOf = (task: string, way: string, language: Language): Effort => {
  const found = rows.find((row) => row.task === task && row.way === way && row.language === language)
  if (!found) throw new Error(`nobody played to ${task} by ${way} in ${language}`)
  return found
}

test('what was promised holds: an account in five hops, an application in five after that of the dial, the link in three, every SMS one segment', () => {
  expect(brokenEfforts(rows)).toEqual([])
  const promised = rows.filter(({ most }) => most !== undefined)
  expect(promised.map(({ task, way, language, most }) => `${task} ${way} ${language} ${most}`)).toEqual([
    'create an account USSD en 5',
    'create an account USSD sw 5',
    'apply USSD en 6',
    'apply USSD sw 6',
    'apply deep dial en 5',
    'apply deep dial sw 5',
    'get the link of the letter USSD en 3',
    'get the link of the letter USSD sw 3',
  ])
  for (const { hops, most } of promised) expect(hops).toBeLessThanOrEqual(most ?? 0)
  // The words under the table say the same.
  expect([rowOf('apply', 'USSD', 'en').hops, rowOf('apply', 'deep dial', 'en').hops]).toEqual([6, 3])
  expect(COUNTING).toMatch(/application is five hops from the dial on, six with it.* it is three with the dial/)
  for (const { longest } of rows) expect(longest).toBeLessThanOrEqual(1)
})

test('every task is played in both languages, which cost the same hops and SMS', () => {
  for (const { task, way, hops, sent, received } of rows.filter(({ language }) => language === 'en'))
    expect(rowOf(task, way, 'sw'), task).toMatchObject({ hops, sent, received })
  expect(rows).toHaveLength(48)
  // What is asked by SMS is answered by SMS; what is asked in a call costs the person nothing to send.
  for (const { way, sent, received, hops } of rows) {
    expect(sent).toBe(way === 'SMS' ? 1 : 0)
    expect(way === 'SMS' ? received : hops).toBeGreaterThan(0)
  }
})

/** What a part of a conversation costs, from the step that holds `from` to the one that holds `to`, counted from the file alone. */
function counted(file: string, name: string, [from, to]: [string, string]): Pick<Effort, 'hops' | 'keys' | 'sent' | 'received'> {
  const { steps } = conversation(file, name)
  const holding = (text: string, after = 0) => steps.findIndex((step, at) => at >= after && JSON.stringify(step).includes(text))
  const first = holding(from)
  const last = holding(to, first)
  if (first < 0 || last < 0) throw new Error(`'${name}' does not go from '${from}' to '${to}'`)
  const part = steps.slice(first, last + 1)
  const typed = part.flatMap(({ dial, choose, type }) => [
    ...(dial === undefined ? [] : ['*483*22262#']),
    // The menus of these have no more than nine choices.
    ...(choose === undefined ? [] : ['1']),
    ...(type === undefined ? [] : [String(type)]),
  ])
  const sent = part.flatMap(({ sms }) => sms ?? [])
  return {
    hops: typed.length,
    keys: [...typed, ...sent.map((text) => `22262${text}`)].reduce((sum, text) => sum + text.length + 1, 0),
    sent: sent.length,
    received: part.flatMap(({ inbox }) => inbox ?? []).length,
  }
}

function conversation(file: string, name: string): Conversation {
  const folder = new URL('../conversations/', import.meta.url).pathname
  const found = readConversations(folder + file).find((each) => each.name === name)
  if (!found) throw new Error(`${file} has no conversation '${name}'`)
  return found
}

describe('the conversations that are played over HTTP cost the same', () => {
  const declined = 'a duty is declined with a reason by USSD, and the reserve who is offered it accepts by USSD'
  const kataa = 'kazi inakataliwa kwa sababu kwa USSD, na wa akiba anakubali kwa SMS'
  const letter = 'a deployment letter comes by SMS, is answered, sent again and checked'
  const barua = 'Barua, kukubali na kukataa kwa Kiswahili'
  const password = 'a new password by SMS, and a new PIN with it'
  test.each<[string, string, Language, string, string, [string, string]]>([
    ['create an account', 'USSD', 'en', 'register.yaml', 'creates an account without a detour', ['dial', 'one-time']],
    ['create an account', 'USSD', 'sw', 'register.yaml', 'anafungua akaunti moja kwa moja', ['dial', 'nenosiri']],
    ['apply', 'USSD', 'sw', 'apply.yaml', 'omba kwa Kiswahili', ['Kazi zinazokufaa', 'ombi limepokelewa']],
    ['get the link of the letter', 'USSD', 'en', 'letters.yaml', letter, ['Deployment letter', '"inbox":"<code>"']],
    ['get the link of the letter', 'USSD', 'sw', 'letters.yaml', barua, ['Barua ya kazi', '"inbox":["/l/"]']],
    ['get the link of the letter', 'SMS', 'sw', 'letters.yaml', barua, ['BARUA', 'BARUA']],
    ['accept a duty', 'USSD', 'en', 'exam.yaml', declined, ['waits for your answer', 'You accepted']],
    ['accept a duty', 'SMS', 'sw', 'letters.yaml', barua, ['KUBALI', 'KUBALI']],
    ['decline a duty', 'USSD', 'en', 'exam.yaml', declined, ['"dial"', '"inbox":"You declined']],
    ['decline a duty', 'USSD', 'sw', 'exam-sw.yaml', kataa, ['"dial"', '"inbox":"Umekataa']],
    ['choose a new PIN with it', 'USSD', 'en', 'password.yaml', password, ['"dial"', 'A new PIN']],
  ])('to %s by %s in %s', (task, way, language, file, name, part) => {
    const { hops, sent, received, keys } = rowOf(task, way, language)
    // A one-time password of eight digits stands in the file as <password>.
    const longer = name === password ? '<password>'.length - 8 : 0
    expect(counted(file, name, part)).toEqual({ hops, keys: keys + longer, sent, received })
  })
})

test('the morning of docs/capacity.md is made of what was counted', () => {
  for (const { task, hops, sms } of MORNING)
    expect({ task, hops, sms }).toEqual({ task, hops: rowOf(task, 'USSD', 'en').hops, sms: rowOf(task, 'USSD', 'en').received })
})

test('the table of docs/performance.md is what was counted, in English', () => {
  const found = (task: string, way: string) => rows.find((row) => row.task === task && row.way === way && row.language === 'en')
  const lines = [...new Set(rows.map(({ task }) => task))].map((task) => {
    const [called, deep, sent] = [found(task, 'USSD'), found(task, 'deep dial'), found(task, 'SMS')]
    const cells = [called?.hops, called?.most, called?.keys, deep?.hops, sent?.keys, (called ?? sent)?.received]
    return `| ${[task, ...cells.map((cell) => cell ?? '')].join(' | ')} |`
  })
  expect(readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8')).toContain(lines.join('\n'))
})

test('a promise that is broken is named, and the table shows every row', () => {
  const row = rowOf('apply', 'USSD', 'sw')
  expect(brokenEfforts([{ ...row, hops: 7 }])).toEqual(['to apply (USSD, sw) takes 7 hops, more than 6'])
  expect(brokenEfforts([{ ...row, longest: 2 }])).toEqual(['to apply (USSD, sw) brings an SMS of 2 segments'])
  expect(effortTable(rows).split('\n')).toHaveLength(rows.length + 3)
  expect(effortTable([row]).split('\n').at(-2)).toMatch(/^apply +USSD +sw +6 +6 +27 +0 +1$/)
})
