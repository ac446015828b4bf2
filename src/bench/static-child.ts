import { createReadStream, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import Koa from 'koa'

// What a cached letter is compared with: the files of one folder, given out as Koa's own middleware for files does.
const [port, folder = ''] = process.argv.slice(2)
const koa = new Koa()
koa.use((ctx) => {
  const file = join(folder, basename(ctx.path))
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found) return
  ctx.type = 'application/pdf'
  ctx.length = found.size
  ctx.lastModified = found.mtime
  ctx.body = createReadStream(file)
})
koa.listen(Number(port), '127.0.0.1')
