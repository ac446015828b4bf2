import { execFile } from 'node:child_process'
import { expect, test } from 'vitest'

const WITO = new URL('../../src/cli/wito.js', import.meta.url).pathname

test('wito bench console fills a small nation, looks at every page of its list as officers do, and prints a table', async () => {
  const env = { PATH: process.env.PATH ?? '', HOME: '/tmp' }
  const { error, out, said } = await new Promise<{ error: Error | null; out: string; said: string }>((ran) =>
    execFile(process.execPath, [WITO, 'bench', 'console', '--people', '3000', '--json'], { env }, (problem, stdout, stderr) =>
      ran({ error: problem, out: stdout, said: stderr }),
    ),
  )
  expect(error, said).toBeNull()
  const { size, pages } = JSON.parse(out) as {
    size: { people: number }
    pages: { what: string; times: { n: number }; ratio: number }[]
  }
  expect(size.people).toBe(3000)
  expect(pages.length).toBeGreaterThan(20)
  expect(pages[0]?.ratio).toBe(1)
  expect(pages.every(({ times }) => times.n === 30)).toBe(true)
}, 120_000)
