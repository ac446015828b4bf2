import { TOTP } from 'otpauth'
import { Fault } from '../base/fault.ts'

/** A browser without a picture: it keeps cookies, and fills the hidden fields of the form it last saw. */
export class Client {
  readonly base: string
  #cookies = new Map<string, string>()
  #page = ''

  constructor(base: string) {
    this.base = base
  }

  async get(path: string): Promise<string> {
    return this.#taken(await fetch(this.base + path, { headers: this.#headers(), redirect: 'manual' }))
  }

  /** Sends the form of the page that was looked at last, with its proof. */
  async post(path: string, fields: Readonly<Record<string, string>>): Promise<string> {
    return this.#taken(await this.#send(path, fields))
  }

  /** The same, but only how it is answered. */
  async statusOf(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<number> {
    const answer = await this.#send(path, fields, headers)
    await answer.arrayBuffer()
    return answer.status
  }

  #send(path: string, fields: Readonly<Record<string, string>>, headers = {}): Promise<Response> {
    const hidden = [...this.#page.matchAll(/<input type="hidden" name="(csrf|once)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value] as const,
    )
    const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...fields })
    return fetch(this.base + path, { method: 'POST', headers: { ...headers, ...this.#headers() }, body, redirect: 'manual' })
  }

  /** Asks without following, and without the proof that a form carries: only how it is answered. */
  async status(method: 'GET' | 'POST', path: string): Promise<number> {
    const body = method === 'POST' ? new URLSearchParams({ nothing: 'typed' }) : null
    const answer = await fetch(this.base + path, { method, headers: this.#headers(), body, redirect: 'manual' })
    await answer.arrayBuffer()
    return answer.status
  }

  /** What it remembers, as a request carries it. */
  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  #headers() {
    return { Cookie: this.cookie }
  }

  async #taken(answer: Response): Promise<string> {
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';')
      const at = pair.indexOf('=')
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    const text = await answer.text()
    const leads = answer.headers.get('Location')
    if (answer.status === 303 && leads) return this.get(leads.replace(this.base, ''))
    if (answer.status !== 200) throw new Fault('bad_request', `${answer.url.replace(this.base, '')} answered ${answer.status}`)
    this.#page = text
    return text
  }
}

/** Opens an officer's one-time link, chooses password and code, and is in. */
export async function enter(base: string, link: string): Promise<Client> {
  const client = new Client(base)
  const path = new URL(link).pathname
  const begin = await client.get(path)
  const typed = Object.fromEntries(
    [...begin.matchAll(/<input id="(name|username)" name="\w+" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )
  const enrol = await client.post(path, { ...typed, password: 'mto wa asubuhi 77' })
  const secret = /<code>([^<]+)<\/code>/.exec(enrol)?.[1]?.replaceAll(' ', '') ?? ''
  await client.post('/console/code', { code: new TOTP({ secret }).generate() })
  return client
}
