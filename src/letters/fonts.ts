import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { LRUCache } from 'lru-cache'
import pdfmake from 'pdfmake'

type Run = { positions: object[] }
type Font = { layout(text: string, features?: unknown): Run }
type Format = { probe(bytes: Uint8Array): boolean; new (stream: { buffer: Uint8Array }): object }
type Fontkit = { create(bytes: Uint8Array): Font; registerFormat(format: Format): void }

// pdfmake's own copy, wherever npm has put it.
const fromPdfmake = createRequire(createRequire(import.meta.url).resolve('pdfmake'))
const fontkit = createRequire(fromPdfmake.resolve('pdfkit'))('fontkit') as Fontkit
/** The words of every letter in both languages, and the names of some thousand people. */
const WORDS = 4_000

const opened = new Map<string, Font>()
const nameOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

// pdfmake opens its fonts anew for each document and lays every word out anew, which is more than half of the work of a letter. It takes
// fonts as bytes only; but fontkit asks each format whether some bytes are of its kind: ours are the name of a font that is open already.
fontkit.registerFormat(
  class {
    static probe = (bytes: Uint8Array) => bytes.length < 100 && opened.has(nameOf(bytes))
    constructor({ buffer }: { buffer: Uint8Array }) {
      // biome-ignore lint/correctness/noConstructorReturn: the open font stands in for the one that would be made
      return opened.get(nameOf(buffer)) as Font
    }
  },
)

/** Opens a font of pdfmake's for good, and gives what names it in `setFonts`. */
export function openFont(style: string): string {
  const path = `pdfmake/fonts/Roboto/Roboto-${style}.ttf`
  const name = `open:${style}`
  opened.set(name, remembering(fontkit.create(readFileSync(fromPdfmake.resolve(path)))))
  // pdfmake's types do not know its own files.
  const { virtualfs } = pdfmake as unknown as { virtualfs: { writeFileSync(name: string, bytes: Uint8Array): void } }
  virtualfs.writeFileSync(name, Buffer.from(name, 'latin1'))
  return name
}

/** The same font, which remembers how words are laid out. Whoever gets a run scales its positions in place, so each gets a copy. */
function remembering(font: Font): Font {
  const known = new LRUCache<string, Run>({ max: WORDS })
  return Object.create(font, {
    layout: {
      value(text: string, features?: unknown): Run {
        if (features !== undefined) return font.layout(text, features)
        const run = known.get(text) ?? font.layout(text)
        known.set(text, run)
        return copyOf(run, { positions: run.positions.map((each) => copyOf(each)) })
      },
    },
  }) as Font
}

const copyOf = <T extends object>(value: T, changes: Partial<T> = {}): T =>
  Object.assign(Object.create(Object.getPrototypeOf(value) as object) as T, value, changes)
