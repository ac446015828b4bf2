import { readFileSync } from 'node:fs'
import { eq } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { operate } from '../kit/operator.ts'
import { CHOSEN } from '../kit/portal.ts'
import { codeFor, givePassword } from '../kit/tab.ts'
import { settle } from '../kit/town.ts'

const ACHIENG = '+254700000901'
const BARAKA = '+254700000902'
const FARAJI = '+254700000906'
let service: Booted
let browser: Browser
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot(), openBrowser()])
  await settle(service.app)
  const people = [
    [ACHIENG, '99100001'],
    [BARAKA, '99100002'],
    [FARAJI, '99100006'],
  ]
  for (const [phone, national_id] of people) await operate(service.app, { account: { phone, national_id, pin: '830564' } })
  await givePassword(service, ACHIENG)
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})
const at = (path: string) => `${service.url}/portal${path}`

async function open({ script = true, width = 360, language = 'en' } = {}): Promise<Page> {
  const context = await browser.newContext({ javaScriptEnabled: script, viewport: { width, height: 760 }, locale: language })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  return page
}
const main = async (page: Page) => (await page.textContent('main')) ?? ''
async function logIn(page: Page, phone: string, password: string) {
  await page.goto(at('/login'))
  await page.fill('#username', phone)
  await page.fill('#password', password)
  await press(page, 'main form button')
}
/** With the code by SMS that a new browser needs. */
async function comeIn(page: Page, phone = ACHIENG) {
  await logIn(page, phone, CHOSEN)
  await page.fill('#code', await codeFor(service, phone))
  await press(page, 'main form button')
  expect(new URL(page.url()).pathname).toBe('/portal')
}
/** Axe looks from outside, by the debugger: with our policy a page's own script could not. */
const sound = async (page: Page) => {
  expect(await faultsOf(page), page.url()).toEqual([])
  expect(await isTooWide(page), page.url()).toBe(false)
}

describe.each([
  ['with script', true, BARAKA],
  ['without script', false, FARAJI],
] as const)('coming in %s', (_, script, phone) => {
  test('a forgotten password, the one-time one changed at once, weak ones refused, shown and hidden as asked', async () => {
    const page = await open({ script })
    const forget = async (username: string) => {
      await page.goto(at('/forgot'))
      await page.fill('#username', username)
      await press(page, 'main form button')
      return main(page)
    }
    // The same whoever asks.
    expect(await forget(phone)).toBe(await forget('0711999999'))
    if (script) await sound(page)
    await logIn(page, phone, await codeFor(service, phone, 8))
    expect(await main(page)).toContain('Choose your password')
    if (script) await sound(page)
    for (const [weak, why] of [
      ['kahawa', 'too short'],
      ['password1', 'Many people use'],
      [phone.slice(1), 'your own name or numbers'],
    ] as const) {
      await page.fill('#password', weak)
      await press(page, 'main form button')
      expect(await main(page), weak).toContain(why)
      expect(await page.getAttribute('#password', 'type'), weak).toBe('password')
      expect(await page.inputValue('#password')).toBe(weak)
    }
    await page.fill('#password', CHOSEN)
    await press(page, 'button[name="show"]')
    expect(await page.getAttribute('#password', 'type')).toBe('text')
    await press(page, 'button[name="show"]')
    expect(await page.getAttribute('#password', 'type')).toBe('password')
    expect(await page.inputValue('#password')).toBe(CHOSEN)
    await press(page, 'main form button')
    expect(new URL(page.url()).pathname).toBe('/portal')
    // The trail names the person themself, not somebody unknown.
    const { read } = service.app.store
    const [account] = await read.select().from(read.accounts).where(eq(read.accounts.msisdn, phone))
    const trail = await read
      .select()
      .from(read.audit)
      .where(eq(read.audit.subject, account?.personId ?? ''))
    const chose = trail.filter(({ action }) => action === 'portal.password').map(({ actor }) => actor)
    expect(chose).toEqual(Array(4).fill(`person:${account?.personId}`))
    await page.context().close()
  }, 60_000)

  test('a code by SMS on a new browser: a wrong one, too many, the right one; then never again in this browser', async () => {
    const page = await open({ script })
    await logIn(page, phone, 'not the password')
    expect(await main(page)).toContain('do not go together')
    await logIn(page, phone, CHOSEN)
    expect(await main(page)).toContain('Is it you?')
    if (script) await sound(page)
    const right = await codeFor(service, phone)
    const wrong = right === '000000' ? '111111' : '000000'
    for (let n = 0; n < 4; n += 1) {
      await page.fill('#code', wrong)
      await press(page, 'main form button')
      expect(await main(page)).toContain('not the code in the last SMS')
    }
    await page.fill('#code', wrong)
    await press(page, 'main form button')
    expect(await main(page)).toContain('no longer good')
    // The right one has died with it.
    await comeIn(page, phone)
    await press(page, '.aside form button')
    await logIn(page, phone, CHOSEN)
    expect(new URL(page.url()).pathname).toBe('/portal')
    await page.context().close()
  }, 60_000)
})

describe('pages for anybody', () => {
  test('login, new, forgot: nothing that axe finds, in both languages, with what was refused', async () => {
    const page = await open({ width: 320 })
    for (const path of ['/login?lang=sw', '/new', '/new/sent', '/forgot', '/forgot/sent', '/login?lang=en']) {
      await page.goto(at(path))
      await sound(page)
    }
    await page.goto(at('/new'))
    await page.fill('#phone', '12')
    await page.fill('#phone_again', '13')
    await page.fill('#national_id', '1')
    await press(page, 'main form button')
    expect(await page.locator('[role="alert"]').count()).toBeGreaterThan(1)
    await sound(page)
    await page.context().close()
  }, 60_000)
})

describe('whoever uses no mouse, large letters, or the back button', () => {
  test('logs in, applies and takes it back with the keyboard alone; Back after it does not apply twice', async () => {
    const page = await open()
    /** Tab by tab, as a person does, until the wanted thing has the focus; then Enter. */
    const reach = async (text: RegExp | string) => {
      for (let n = 0; n < 60; n += 1) {
        await page.keyboard.press('Tab')
        const here = await page.evaluate(() => {
          const it = document.activeElement as HTMLElement
          return it.id || it.textContent?.trim() || ''
        })
        if (typeof text === 'string' ? here === text : text.test(here)) return
      }
      throw new Error(`${page.url()}: the keyboard does not reach ${text}`)
    }
    const enter = async () => {
      const next = page.waitForEvent('load')
      await page.keyboard.press('Enter')
      await next
    }
    await page.goto(at('/login'))
    await reach('username')
    // The ring around what has the focus is drawn, whatever the browser would do.
    const ring = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineWidth)
    expect(ring).toBe('3px')
    await page.keyboard.type(ACHIENG)
    await reach('password')
    await page.keyboard.type(CHOSEN)
    await enter()
    await reach('code')
    await page.keyboard.type(await codeFor(service, ACHIENG))
    await enter()
    await reach('Jobs')
    await enter()
    await reach('KCSE Invigilator')
    await enter()
    await reach('Apply')
    await enter()
    expect(page.url()).toContain('said=applied')
    await page.goBack()
    // The page of before, or a fresh one: either way there is one application, and it is shown.
    if ((await page.locator('form[action$="/apply"] button').count()) > 0) {
      await press(page, 'form[action$="/apply"] button')
      expect(page.url()).toContain('said=applied_before')
    }
    const { read } = service.app.store
    expect(await read.select().from(read.applications)).toHaveLength(1)
    await page.goto(at('/applications'))
    await reach('Take this application back')
    await enter()
    await reach('Take it back')
    await enter()
    expect((await read.select().from(read.applications)).map(({ status }) => status)).toEqual(['withdrawn'])
    // At twice the size of letters nothing is cut off or needs sideways scrolling.
    await page.setViewportSize({ width: 320, height: 640 })
    for (const language of ['en', 'sw']) {
      await page.goto(at(`?lang=${language}`))
      for (const path of [
        '',
        '/jobs',
        '/jobs/KCSE26INV',
        '/profile',
        '/profile/bank',
        '/profile/schools',
        '/messages',
        '/security',
      ]) {
        await page.goto(at(path))
        expect(await clipped(page), path).toEqual([])
        await page.evaluate(() => {
          document.documentElement.style.fontSize = '212.5%'
        })
        expect(await tooWide(page), `${language} ${path}`).toEqual([])
      }
    }
    await page.context().close()
  }, 90_000)
})

/** What reaches out of the window: then people must scroll sideways. */
const tooWide = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
      .map((each) => `${each.tagName} ${each.textContent?.trim().slice(0, 40)}`),
  )

/** Choices of a list that are wider than the list shows. */
const clipped = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const pen = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D
    return [...document.querySelectorAll('select')].flatMap((list) => {
      const style = getComputedStyle(list)
      pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
      const arrow = 22
      const room = list.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight) - arrow
      return [...list.options].map(({ text }) => text).filter((text) => pen.measureText(text).width > room)
    })
  })

describe('the ring around what has the focus', () => {
  test('stands out from every ground that it is drawn on (WCAG 1.4.11)', () => {
    const css = readFileSync(new URL('../../src/web/style.css', import.meta.url), 'utf8')
    const colour = (name: string) => new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(css)?.[1] ?? ''
    expect(css).toMatch(/:focus-visible \{\s*outline: 3px solid var\(--focus\);\s*outline-offset: 2px;/)
    for (const ground of ['#ffffff', colour('tint'), '#fbf2f1'])
      expect(contrast(colour('focus'), ground), ground).toBeGreaterThanOrEqual(3)
  })
})

/** As WCAG 2.2 computes it, of two colours `#rrggbb`. */
function contrast(one: string, other: string): number {
  const light = (hex: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((from) => Number.parseInt(hex.slice(from, from + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [low = 0, high = 0] = [light(one), light(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}
