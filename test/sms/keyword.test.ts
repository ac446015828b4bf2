import { describe, expect, test } from 'vitest'
import { readWords } from '../../src/open.ts'
import { readKeyword } from '../../src/sms/keyword.ts'

const { keywords, problems } = readWords({ short_code: '22262', service_code: '*483*22262#' })
const read = (text: string) => readKeyword(text, keywords.words)

/** What is typed, the keyword it stands for, and what is left for it. */
const spellings: [typed: string, name: string | undefined, rest?: string][] = [
  // As the contract says them, in any case.
  ['REGISTER 12345678', 'register', '12345678'],
  ['jiandikishe 12345678', 'register', '12345678'],
  ['Password', 'password'],
  ['nenosiri', 'password'],
  ['jobs', 'jobs'],
  ['KAZI', 'jobs'],
  ['Omba KCSE26INV', 'apply', 'KCSE26INV'],
  ['hali', 'status'],
  ['barua', 'letter'],
  ['kubali', 'accept'],
  ['Kataa niko mgonjwa', 'decline', 'niko mgonjwa'],
  ['DECLINE I am unwell, sorry.', 'decline', 'I am unwell, sorry'],
  ['hakiki 7k4m-2qxd-9ftr-0vhb', 'verify', '7k4m-2qxd-9ftr-0vhb'],
  ['malipo', 'pay'],
  ['lang sw', 'lang', 'sw'],
  ['Lugha: Kiswahili', 'lang', 'Kiswahili'],
  ['msaada', 'help'],
  // Spaces, punctuation, decoration.
  ['   jobs   ', 'jobs'],
  ['"JOBS"', 'jobs'],
  ['*status#', 'status'],
  ['Apply- kcse26inv', 'apply', 'kcse26inv'],
  ['APPLY:KCSE26INV.', 'apply', 'KCSE26INV'],
  ['apply\nkcse26inv', 'apply', 'kcse26inv'],
  ['APPLY  <KCSE26EXM-MAT>', 'apply', 'KCSE26EXM-MAT'],
  ['🙏 help 🙏', 'help'],
  ['Password?!', 'password'],
  ['ＳＴＡＴＵＳ', 'status'],
  ['héLP', 'help'],
  // Codes and numbers stuck to the word.
  ['APPLYKCSE26INV', 'apply', 'KCSE26INV'],
  ['applykcse26exm-mat', 'apply', 'KCSE26EXM mat'],
  ['OMBAKPSEA26INV', 'apply', 'KPSEA26INV'],
  ['Register12345678', 'register', '12345678'],
  ['VERIFY7K4M-2QXD-9FTR-0VHB', 'verify', '7K4M 2QXD-9FTR-0VHB'],
  ['VERIFYQXDM-2QXD-9FTR-0VHB', 'verify', 'QXDM 2QXD-9FTR-0VHB'],
  // Letters with something between.
  ['P A S S W O R D', 'password'],
  ['p-a-y', 'pay'],
  ['k.a.z.i', 'jobs'],
  // Near misspellings.
  ['pasword', 'password'],
  ['Passwrod', 'password'],
  ['paswod', 'password'],
  ['PASSWORDS', 'password'],
  ['nenosri', 'password'],
  ['STATS', 'status'],
  ['statsu', 'status'],
  ['JOB', 'jobs'],
  ['jbos', 'jobs'],
  ['kaz', 'jobs'],
  ['kazzi', 'jobs'],
  ['aply kcse26inv', 'apply', 'kcse26inv'],
  ['appply kcse26inv', 'apply', 'kcse26inv'],
  ['regster 12345678', 'register', '12345678'],
  ['jiandikise 12345678', 'register', '12345678'],
  ['leter', 'letter'],
  ['letters', 'letter'],
  ['barwa', 'letter'],
  ['acept', 'accept'],
  ['declin no', 'decline', 'no'],
  ['verfy 7K4M2QXD9FTR0VHB', 'verify', '7K4M2QXD9FTR0VHB'],
  ['langauge en', 'lang', 'en'],
  ['hlep', 'help'],
  ['msada', 'help'],
  ['strat', 'start'],
  // Near to nothing, or to two at once.
  ['', undefined],
  ['   ', undefined],
  ['?', undefined],
  ['👍', undefined],
  ['1', undefined],
  ['ok', undefined],
  ['Habari', undefined],
  ['asante sana', undefined],
  ['hello', undefined],
  ['Thank you for the job', undefined],
  ['ali', undefined],
  ['pa', undefined],
  ['12345678', undefined],
  ['constructor', undefined],
  ['привет', undefined],
  ['STARTED 2 days ago', undefined],
]

describe('a keyword as people type it', () => {
  test.each(spellings)('%j is %s', (typed, name, rest = '') => {
    const keyword = read(typed)
    expect(keyword?.name).toBe(name)
    if (keyword) expect(keyword.rest).toBe(rest)
  })

  test('a word as near to one keyword as to another is neither', () => {
    const words = [
      { name: 'left', word: 'WALKING', language: 'en' as const },
      { name: 'right', word: 'TALKING', language: 'en' as const },
    ]
    expect(readKeyword('BALKING', words)).toBeUndefined()
    expect(readKeyword('WALKIN', words)?.name).toBe('left')
  })

  test('a long text is read at once', () => {
    expect(read('A '.repeat(800))).toBeUndefined()
    expect(read('A'.repeat(1_600))).toBeUndefined()
  })
})

describe('STOP', () => {
  test.each(['STOP', 'stop', 'Stop.', ' s t o p ', 'S.T.O.P', 'stop please', 'ACHA', 'acha!', 'A C H A', 'STOP22262'])(
    '%j stops',
    (typed) => {
      expect(read(typed)?.name).toBe('stop')
    },
  )

  test('is never reached by a misspelling', () => {
    for (const word of ['STOP', 'ACHA']) for (const near of misspellings(word)) expect(read(near)?.name, near).not.toBe('stop')
  })

  test.each(['STOPPED 2 days ago', 'STOPS2', 'ACHANA2'])('nor by a longer word: %j', (typed) => {
    expect(read(typed)?.name).not.toBe('stop')
  })
})

test('every keyword of the contract is there in both languages, and says which one it is of', () => {
  expect(problems).toEqual([])
  const contract: Record<string, [en: string, sw: string]> = {
    register: ['REGISTER', 'JIANDIKISHE'],
    password: ['PASSWORD', 'NENOSIRI'],
    jobs: ['JOBS', 'KAZI'],
    apply: ['APPLY', 'OMBA'],
    status: ['STATUS', 'HALI'],
    letter: ['LETTER', 'BARUA'],
    accept: ['ACCEPT', 'KUBALI'],
    decline: ['DECLINE', 'KATAA'],
    verify: ['VERIFY', 'HAKIKI'],
    pay: ['PAY', 'MALIPO'],
    lang: ['LANG', 'LUGHA'],
    stop: ['STOP', 'ACHA'],
    start: ['START', 'ANZA'],
    help: ['HELP', 'MSAADA'],
  }
  expect(Object.keys(keywords.entries).sort()).toEqual(Object.keys(contract).sort())
  for (const [name, [en, sw]] of Object.entries(contract)) {
    expect(read(en)).toMatchObject({ name, language: 'en' })
    expect(read(sw)).toMatchObject({ name, language: 'sw' })
  }
})

/** Every text one letter away: dropped, changed, added, swapped. */
function misspellings(word: string): string[] {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const near = new Set<string>()
  for (let place = 0; place <= word.length; place++) {
    const [before, after] = [word.slice(0, place), word.slice(place)]
    for (const letter of letters) {
      near.add(before + letter + after)
      if (after) near.add(before + letter + after.slice(1))
    }
    if (after) near.add(before + after.slice(1))
    if (after.length > 1) near.add(`${before}${after[1]}${after[0]}${after.slice(2)}`)
  }
  near.delete(word)
  return [...near]
}
