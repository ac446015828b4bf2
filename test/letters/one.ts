import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LetterFacts, letterFacts, maskId } from '../../src/letters/facts.ts'
import { openLetterWords } from '../../src/letters/words.ts'

const words = openLetterWords()

/** The facts of a made-up letter, with what a test wants otherwise. */
export function oneLetter(more: Partial<LetterFacts> = {}): LetterFacts {
  const language = more.language ?? 'en'
  const role = more.job?.role ?? 'invigilator'
  return letterFacts.parse({
    reference: 'KCSE/INV/2026/0001234',
    version: 1,
    issuedOn: '2026-10-12',
    language,
    person: { name: 'Wanjirũ Ngũgĩ', idMasked: maskId('99105678'), tscNumber: '900678', mobile: '+254700000905', town: 'Kisumu' },
    through: 'Sub-County Director of Education, Kisumu East',
    job: {
      code: 'KCSE26INV',
      title: 'KCSE Invigilator',
      titleSw: 'Msimamizi wa KCSE',
      role,
      exam: 'KCSE',
      examYear: 2026,
      dailyRateKes: 550,
    },
    station: { centreCode: '42101001', name: 'Mto Mwekundu Secondary', county: 'Kisumu', subCounty: 'Kisumu East' },
    rehearsalOn: '2026-10-30',
    reportOn: '2026-11-02',
    reportAt: '07:00',
    startsOn: '2026-11-02',
    endsOn: '2026-11-20',
    duties: words.duties(role, language),
    terms: words.terms(language),
    verifyCode: '7K4M-2QXD-9FTR-0VHB',
    verifyUrl: 'https://wito.example.org/v/7K4M-2QXD-9FTR-0VHB',
    ...more,
  })
}

/** Whether this machine has poppler-utils and zbar-tools; without them the letters are drawn here but not read back. */
export const canRead = ['pdftotext', 'pdfinfo', 'pdftoppm', 'zbarimg'].every(
  (name) => spawnSync(name, ['--help']).error === undefined,
)

/** What stands in a PDF, read by programs that did not write it. `text` is in the order of the page, `line` the same on one line. */
export function readBack(pdf: Buffer): { text: string; line: string; info: Record<string, string> } {
  return onDisk(pdf, (path) => {
    const text = run('pdftotext', '-raw', path, '-').replace('\f', '')
    const rows = run('pdfinfo', path).split('\n')
    const info = Object.fromEntries(
      rows.filter(Boolean).map((row) => [row.split(':', 1)[0] ?? '', row.slice(row.indexOf(':') + 1).trim()]),
    )
    return { text, line: text.replace(/\u200b/g, '').replace(/\s+/g, ' '), info }
  })
}

/** What the square says, as a scanner sees it. */
export function scanned(pdf: Buffer): string {
  return onDisk(pdf, (path) => {
    run('pdftoppm', '-r', '150', '-png', '-singlefile', path, path)
    return run('zbarimg', '-q', '--raw', '--nodbus', `${path}.png`).trim()
  })
}

const run = (command: string, ...given: string[]) =>
  execFileSync(command, given, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

function onDisk<T>(pdf: Buffer, read: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'wito-letter-'))
  try {
    const path = join(folder, 'letter.pdf')
    writeFileSync(path, pdf)
    return read(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
