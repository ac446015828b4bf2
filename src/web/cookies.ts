import type { Context } from 'koa'

/** Cookies of ours, by their bare names. `__Host-`: only over TLS (or to this machine), only to this host, on every path. */
const full = (name: string) => `__Host-${name}`

/** The cookie's value; undefined where there is none. */
export function cookieOf(ctx: Context, name: string): string | undefined {
  const wanted = `${full(name)}=`
  return ctx
    .get('Cookie')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(wanted))
    ?.slice(wanted.length)
}

/** `maxAgeS` 0 takes the cookie away; absent keeps it until the browser is closed. */
export function setCookie(ctx: Context, name: string, value: string, maxAgeS?: number): void {
  const age = maxAgeS === undefined ? '' : `; Max-Age=${maxAgeS}`
  ctx.append('Set-Cookie', `${full(name)}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax${age}`)
}
