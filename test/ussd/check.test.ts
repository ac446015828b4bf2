import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MENUS, readWords } from '../../src/open.ts'
import { described } from '../../src/text/source.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wito-menus-'))
  cpSync(MENUS, folder, { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const problems = () => readWords({ short_code: '22262', service_code: '*483*22262#' }, folder).problems.map(described)

/** Changes one place of a menu file, which must be there, and gives the line it stands on. */
function mend(file: string, from: string, to: string): number {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  const place = text.indexOf(from)
  if (place < 0) throw new Error(`${file} does not hold '${from}'`)
  writeFileSync(path, text.replace(from, to))
  return text.slice(0, place).split('\n').length
}

test('the menus as they are have nothing to mend', () => {
  expect(problems()).toEqual([])
})

describe('names file, line and column of', () => {
  test.each([
    ['an unknown screen', 'main.yaml', 'to: register_id }', 'to: registr_id }', /there is no screen 'registr_id'/],
    ['an unknown action', 'register.yaml', 'do: pin.check', 'do: pin.chek', /there is no action 'pin.chek'/],
    [
      'an unknown outcome',
      'register.yaml',
      'slow_down: slow_down }',
      'slow_down: slow_down, tired: slow_down }',
      /'people.register' has no outcome 'tired'/,
    ],
    [
      'an outcome that leads nowhere',
      'register.yaml',
      'already: register_already, ',
      '',
      /the outcome 'already' of 'people.register' leads nowhere/,
    ],
    [
      'an unknown variable',
      'main.yaml',
      'Wito. Hello {first_name}.',
      'Wito. Hello {frist_name}.',
      /the variable 'frist_name' has no width/,
    ],
    [
      'an input that nothing gives',
      'register.yaml',
      '$national_id }',
      '$natoinal_id }',
      /nothing gives the variable 'natoinal_id'/,
    ],
    ['an unknown format', 'register.yaml', 'format: national_id', 'format: national_di', /there is no format 'national_di'/],
    ['an unknown guard', 'jobs.yaml', 'needs: chosen', 'needs: chosn', /there is no guard 'chosn'/],
    [
      'a missing translation',
      'main.yaml',
      'say: { en: Choose your language., sw: Chagua lugha. }',
      'say: { en: Choose your language. }',
      /the translation 'sw' is missing/,
    ],
    ['a text that is not GSM-7', 'main.yaml', 'Choose your language.', 'Choose your language…', /not GSM-7: '…'/],
    [
      'a screen over the budget',
      'jobs.yaml',
      'KES {rate} a day',
      'KES {rate} a day, paid after the last day by M-PESA or bank',
      /over the 160 of a screen/,
    ],
    ['a screen with no way out', 'main.yaml', '    end: true\n\n  resume:', '\n  resume:', /has no way out/],
    ['a key that means nothing', 'main.yaml', 'long: true', 'lnog: true', /lnog/],
    [
      'a missing input',
      'register.yaml',
      '    with: { national_id: $national_id }\n',
      '',
      /'people.register' needs 'national_id'/,
    ],
    [
      'a message too long',
      'messages.yaml',
      'We will write to you in English.',
      `We will write to you in English. ${'And again. '.repeat(15)}`,
      /over one segment/,
    ],
    [
      'a keyword without an answer',
      'keywords.yaml',
      'reply: { done: stopped }',
      'reply: {}',
      /the outcome 'done' of 'alerts.stop' has no answer/,
    ],
    ['a message that is not there', 'keywords.yaml', 'say: help', 'say: pya', /there is no message 'pya'/],
    ['broken YAML', 'main.yaml', 'start: start', 'start: [start', /./],
  ])('%s', (_, file, from, to, message) => {
    const line = mend(file, from, to)
    const found = problems().filter((problem) => message.test(problem) && problem.startsWith(`${file}:`))
    expect(found, problems().join('\n')).not.toEqual([])
    // On the line itself or, where the node begins earlier or the error shows later, close to it.
    const lines = found.map((problem) => Number(problem.split(':')[1]))
    expect(Math.min(...lines.map((each) => Math.abs(each - line)))).toBeLessThanOrEqual(
      file === 'main.yaml' && from === 'start: start' ? 3 : 14,
    )
    for (const problem of found) expect(problem).toMatch(/^[\w.]+:\d+:\d+ /)
  })

  test('a screen that no path reaches', () => {
    const path = join(folder, 'main.yaml')
    writeFileSync(path, `${readFileSync(path, 'utf8')}\n  island:\n    say: { en: Alone., sw: Peke yangu. }\n    end: true\n`)
    expect(problems()).toEqual([expect.stringMatching(/^main\.yaml:\d+:\d+ screen 'island': no path leads here$/)])
  })

  test('steps that go in a circle', () => {
    const path = join(folder, 'main.yaml')
    const to = 'go: { done: $home }'
    mend('main.yaml', to, 'go: { done: language_again }')
    writeFileSync(
      path,
      `${readFileSync(path, 'utf8')}\n  language_again:\n    do: language.set\n    with: { language: $chosen_language }\n    go: { done: language_set }\n`,
    )
    expect(problems()).toEqual(expect.arrayContaining([expect.stringMatching(/go in a circle/)]))
  })
})
