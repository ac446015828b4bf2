import { Router } from '@koa/router'

export type Route = { method: string; path: string }

/** Every route that a service mounts while `open` runs, read from the routers themselves: no list of ours can forget one. */
export async function mounting<T>(open: () => Promise<T>): Promise<{ opened: T; routes: Route[] }> {
  const mounted: Router[] = []
  const { routes: before } = Router.prototype
  Router.prototype.routes = function routes(this: Router) {
    mounted.push(this)
    return before.call(this)
  }
  try {
    const opened = await open()
    const layers = mounted.flatMap((router) => router.stack)
    return { opened, routes: layers.flatMap(({ methods, path }) => methods.map((method) => ({ method, path: String(path) }))) }
  } finally {
    Router.prototype.routes = before
  }
}
