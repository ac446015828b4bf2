import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What WCAG 2.2 A and AA find wrong with the page that is open, as `rule: element`. Needs a page whose script is on. */
export async function faultsOf(page: Page): Promise<string[]> {
  // Our own policy keeps scripts out of pages: this one is brought by the browser's debugger, not by the page.
  await page.evaluate(source)
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } }).axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    }),
  )
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
}
type Violation = { id: string; nodes: { target: string[] }[] }

/** Whether the page is wider than the window: then people must scroll sideways. */
export const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)

/** Nothing that axe finds, on a desk's page and on a phone's, and no wider than 320 px; leaves the page as wide as a desk's. */
export async function expectSound(page: Page): Promise<void> {
  expect(await faultsOf(page), page.url()).toEqual([])
  await page.setViewportSize({ width: 320, height: 640 })
  expect(await isTooWide(page), page.url()).toBe(false)
  expect(await faultsOf(page), `${page.url()} at 320 px`).toEqual([])
  await page.setViewportSize({ width: 1280, height: 900 })
}
