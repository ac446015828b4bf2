import { and, eq } from 'drizzle-orm'
import { expect, vi } from 'vitest'
import { choosePassword } from '../../src/people/sign-in.ts'
import type { Booted } from './boot.ts'
import { CHOSEN } from './portal.ts'

type Fields = Readonly<Record<string, string>>
type Ways = { headers?: Fields; follow?: boolean }

/** A browser's tab without a picture: cookies, redirects, and the forms of the page that is open. */
export class Tab {
  readonly base: string
  readonly jar = new Map<string, string>()
  status = 0
  html = ''
  path = ''
  headers = new Headers()
  constructor(base: string) {
    this.base = base
  }

  get = (path: string, ways: Ways = {}) => this.#ask(path, {}, ways)
  post = (path: string, fields: Fields | FormData, ways: Ways = {}) =>
    this.#ask(path, { method: 'POST', body: fields instanceof FormData ? fields : new URLSearchParams(fields) }, ways)

  /** Every form of the page, with the fields that it carries unseen. */
  get forms(): { action: string; hidden: Record<string, string>; html: string }[] {
    return [...this.html.matchAll(/<form method="post"([^>]*)>(.*?)<\/form>/gs)].map(([, attributes = '', html = '']) => ({
      action: /action="([^"]*)"/.exec(attributes)?.[1] ?? this.path,
      hidden: Object.fromEntries(
        [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
          name,
          plain(value),
        ]),
      ),
      html,
    }))
  }

  /** Sends the form whose action ends so, as the page gave it, with what is typed. */
  async send(action: string, typed: Fields = {}, ways: Ways = {}): Promise<this> {
    const form = this.forms.find((each) => each.action.split('?')[0]?.endsWith(action) && !each.html.includes('name="speak"'))
    if (!form) throw new Error(`${this.path} has no form for ${action}`)
    return this.post(form.action, { ...form.hidden, ...typed }, ways)
  }

  /** The language switch of the page: a link that is followed, a form that is sent, or none. */
  async switchLanguage(): Promise<'link' | 'form' | 'none'> {
    const form = this.forms.find(({ html }) => html.includes('name="speak"'))
    if (form) {
      await this.post(form.action, { ...form.hidden, speak: /name="speak" value="(\w+)"/.exec(form.html)?.[1] ?? '' })
      return 'form'
    }
    const link = /<a href="([^"]*)" lang="\w+" hreflang/.exec(this.html)?.[1]
    if (link === undefined) return 'none'
    await this.get(new URL(plain(link), this.base + this.path).href.slice(this.base.length))
    return 'link'
  }

  get main(): string {
    return plain((/<main[^>]*>(.*)<\/main>/s.exec(this.html)?.[1] ?? '').replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ')
  }

  async #ask(path: string, init: RequestInit, { headers = {}, follow = true }: Ways): Promise<this> {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(this.base + path, { ...init, redirect: 'manual', headers: { Cookie: cookie, ...headers } })
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
      if (value === '') this.jar.delete(name)
      else this.jar.set(name, value)
    }
    this.status = answer.status
    this.headers = answer.headers
    this.path = path
    this.html = await answer.text()
    const location = answer.headers.get('location')
    return follow && answer.status === 303 && location !== null ? this.get(location) : this
  }
}

const plain = (text: string) =>
  text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

/** Gives somebody who has an account a password for the portal, as if they had chosen it. */
export async function givePassword({ app }: Booted, phone: string): Promise<string> {
  const { read } = app.store
  const [account] = await read.select().from(read.accounts).where(eq(read.accounts.msisdn, phone))
  const personId = account?.personId ?? ''
  const actor = { via: 'web', name: `person:${personId}`, signed: true, language: 'en' } as const
  await choosePassword(app, actor, { personId, password: CHOSEN, session: undefined })
  return personId
}

/** Logs in on the portal in a tab, with the code by SMS where the browser is new. */
export async function logInTab(service: Booted, tab: Tab, phone: string, password = CHOSEN): Promise<Tab> {
  if (!tab.html.includes('action="/portal/login"')) await tab.get('/portal/login')
  await tab.send('/portal/login', { username: phone, password })
  if (tab.html.includes('id="code"')) await tab.send('/portal/code', { code: await codeFor(service, phone) })
  return tab
}
/** The newest code of six digits by SMS, or one-time password of eight, once it has arrived: what was sent is forgotten here. */
export async function codeFor(service: Booted, phone: string, digits: 6 | 8 = 6): Promise<string> {
  const { outbox } = service.app.store.read
  const rows = await service.app.store.read
    .select({ dedupe: outbox.dedupe })
    .from(outbox)
    .where(and(eq(outbox.msisdn, phone), eq(outbox.class, 'otp')))
  const asked = rows.filter(({ dedupe }) => dedupe.startsWith('code:') === (digits === 6)).length
  const pattern = new RegExp(`\\b\\d{${digits}}\\b`)
  const codes = async () => (await service.phone(phone).inbox()).flatMap(({ text }) => pattern.exec(text)?.[0] ?? [])
  await vi.waitFor(async () => expect(await codes()).toHaveLength(asked), { timeout: 10_000 })
  return (await codes()).at(-1) ?? ''
}
