import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'

/** What a worker is told when it starts, asked, and what it answers. */
export type Setup = { letterheadFolder: string | undefined; shortCode: string | undefined }
export type Ask = { facts: unknown }
export type Answer = { pdf: Uint8Array<ArrayBuffer> } | { failed: string }

const port = parentPort
if (!port) throw new Error('press-worker.ts is run by the press, as a worker thread')

// A hop goes before a page. On Linux this is of the thread; elsewhere it would be of the whole service.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_LOW)

// Read after that: pdfmake alone takes a second of a processor.
const { draw } = await import('./draw.ts')
const { letterFacts } = await import('./facts.ts')
const { loadLetterhead } = await import('./letterhead.ts')
const { openLetterWords } = await import('./words.ts')

const { letterheadFolder, shortCode } = workerData as Setup
const words = openLetterWords()
const letterhead = loadLetterhead(letterheadFolder)

port.on('message', ({ facts }: Ask) => {
  void print(facts).then((answer) => port.postMessage(answer, 'pdf' in answer ? [answer.pdf.buffer] : []))
})

async function print(facts: unknown): Promise<Answer> {
  try {
    return { pdf: new Uint8Array(await draw(letterFacts.parse(facts), words, letterhead, shortCode)) }
  } catch (reason) {
    return { failed: told(reason) }
  }
}

// Only where it broke: an error's message may quote the letter, and this one goes into the log.
function told(reason: unknown): string {
  if (!(reason instanceof Error)) return 'not an error'
  const frames = (reason.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return [reason.name, ...frames].join('\n')
}
