import Koa from 'koa'
import { text as home } from './reference.ts'

// What the service's hop is compared with: the same route, a fixed text, nothing else.
const koa = new Koa()
koa.use((ctx) => {
  ctx.type = 'text/plain'
  ctx.body = home
})
koa.listen(Number(process.argv[2]), '127.0.0.1')
