import pdfmake from 'pdfmake'
import type { LetterFacts } from './facts.ts'
import { openFont } from './fonts.ts'
import type { Letterhead } from './letterhead.ts'
import { paper, TIGHTEST } from './paper.ts'
import type { LetterWords } from './words.ts'

pdfmake.setFonts({ Roboto: { normal: openFont('Regular'), bold: openFont('Medium') } })
// Nothing a letter says may make the renderer open a file or ask the network: its fonts are open, and pictures come as data.
pdfmake.setUrlAccessPolicy(() => false)
pdfmake.setLocalAccessPolicy(() => false)

/**
 * Draws one letter as a PDF of exactly one page, as loosely set as it fits. Blocks for some 30 ms: for worker threads.
 * Throws where even the tightest setting needs a second page, which facts of the checked lengths do not.
 */
export async function draw(facts: LetterFacts, words: LetterWords, letterhead: Letterhead, shortCode?: string): Promise<Buffer> {
  for (let tightness = 0; tightness <= TIGHTEST; tightness++) {
    const seen = { pages: 0 }
    const header = (_page: number, pages: number) => {
      seen.pages = pages
      return ''
    }
    const pdf = await pdfmake.createPdf({ ...paper(facts, words, letterhead, shortCode, tightness), header }).getBuffer()
    if (seen.pages === 1) return pdf
  }
  throw new Error('a letter does not fit one page')
}
