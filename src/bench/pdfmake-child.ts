import { createRequire } from 'node:module'
import { json } from 'node:stream/consumers'
import pdfmake from 'pdfmake'
import { systemClock } from '../base/clock.ts'
import type { LetterFacts } from '../letters/facts.ts'
import { loadLetterhead } from '../letters/letterhead.ts'
import { paper } from '../letters/paper.ts'
import { openLetterWords } from '../letters/words.ts'

// The same letters by pdfmake as its documentation uses it: fonts by their path, one thread, one letter after the other.
const { letters, seconds } = (await json(process.stdin)) as { letters: LetterFacts[]; seconds: number }
const font = (style: string) => createRequire(import.meta.url).resolve(`pdfmake/fonts/Roboto/Roboto-${style}.ttf`)
pdfmake.setFonts({ Roboto: { normal: font('Regular'), bold: font('Medium') } })
pdfmake.setUrlAccessPolicy(() => false)
pdfmake.setLocalAccessPolicy(() => true)
const [words, letterhead] = [openLetterWords(), loadLetterhead()]

let drawn = 0
async function drawnFor(ms: number): Promise<void> {
  const until = systemClock.ticks() + ms
  do await pdfmake.createPdf(paper(letters[drawn++ % letters.length] as LetterFacts, words, letterhead, undefined, 0)).getBuffer()
  while (systemClock.ticks() < until)
}

// The first is slow: what it needs is loaded then.
await drawnFor(0)
const [from, before] = [systemClock.ticks(), process.cpuUsage()]
drawn = 0
await drawnFor(seconds * 1_000)
const { user, system } = process.cpuUsage(before)
process.stdout.write(
  JSON.stringify({ perSecond: (drawn * 1_000) / (systemClock.ticks() - from), cpuMs: (user + system) / 1_000 / drawn }),
)
