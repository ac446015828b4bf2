import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv4 } from 'node:net'
import type { Middleware } from 'koa'
import type { App } from '../app.ts'
import type { Metrics } from '../metrics.ts'
import { FORMS, type Limit } from '../security/limit-sizes.ts'
import { openShares } from '../security/shares.ts'

const shared = new BlockList()
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const)
  shared.addSubnet(network, bits)
for (const [network, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  shared.addSubnet(network, bits, 'ipv6')

/**
 * Whose request it is: the peer of the socket, or behind `proxies` of ours what the outermost of them saw. What stands further left in
 * X-Forwarded-For was written by anybody. Undefined where that is an address of a private network: a proxy that nobody told us of, or a
 * house behind one; everybody who comes through it would share one limit.
 */
export function addressOf(request: Pick<IncomingMessage, 'headers' | 'socket'>, proxies: number): string | undefined {
  const forwarded = proxies === 0 ? [] : String(request.headers['x-forwarded-for'] ?? '').split(',')
  const seen = forwarded.at(-proxies)?.trim() ?? ''
  const address = (isIP(seen) ? seen : (request.socket.remoteAddress ?? '')).replace(/^::ffff:(?=\d+\.)/i, '')
  if (isIPv4(address)) return shared.check(address) ? undefined : address
  return isIP(address) === 0 || shared.check(address, 'ipv6') ? undefined : household(address)
}

/** A connection of IPv6 has 2^64 addresses, as many as it likes: its network counts. */
function household(address: string): string {
  const [left = [], right = []] = address.split('::').map((side) => side.split(':').filter(Boolean))
  const gap = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...gap, ...right].slice(0, 4).join(':')
}

/** How many addresses are remembered. */
const ADDRESSES = 5_000

/** Whoever sends more forms than a school full of people is asked to wait. The gateway's callbacks are counted by their numbers. */
export function limitForms(app: App, metrics: Metrics, limit: Limit = FORMS): Middleware {
  const take = openShares(app, 'forms', ADDRESSES, limit)
  return async (ctx, next) => {
    const address =
      ctx.method === 'POST' && !ctx.path.startsWith('/callbacks/') ? addressOf(ctx.req, app.config.trustProxy) : undefined
    if (address !== undefined && !(await take(address))) {
      metrics.shed.inc({ why: 'address' })
      ctx.set('Connection', 'close')
      ctx.throw(429)
    }
    await next()
  }
}
