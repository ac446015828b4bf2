import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Busboy } from '@fastify/busboy'
import type { Context } from 'koa'
import { type Sent, sentOf } from './form.ts'
import { waitForUpload } from './sockets.ts'

export type UploadedFile = {
  /** As the browser named it: for showing, never for a path. */
  name: string
  /** Where it lies, readable by us alone; whoever handles the upload takes it away or calls `drop`. */
  path: string
  bytes: number
  drop(): Promise<void>
}
/** `refused`: no file was chosen, it is over the limit, or the form does not prove that our page sent it. */
export type Upload =
  | { form: Sent; file: UploadedFile; refused?: never }
  | { form: Sent; refused: 'none' | 'too_big' | 'unproven'; file?: never }

/**
 * Reads a form with one file, straight to disk (`uploads` under the data folder, mode 600). Its hidden fields stand before the file:
 * without the right proof, or where there can be none (undefined), nothing is kept.
 */
export async function readUpload(
  ctx: Context,
  { folder, most, id, proof }: { folder: string; most: number; id: string; proof: string | undefined },
): Promise<Upload> {
  const fields: [string, string][] = []
  const form = sentOf(fields)
  if (!ctx.is('multipart')) return { form, refused: 'none' }
  // Whoever is not known here gets no more patience than any other form.
  if (proof !== undefined) waitForUpload(ctx.req)
  const unproven = () => proof === undefined || form.get('csrf') !== proof
  const uploads = join(folder, 'uploads')
  await mkdir(uploads, { recursive: true, mode: 0o700 })
  const path = join(uploads, id)
  const drop = () => rm(path, { force: true })
  const headers = { ...ctx.req.headers, 'content-type': ctx.get('content-type') }
  const reader = new Busboy({ headers, limits: { files: 1, fileSize: most, fields: 40, fieldSize: 8_192, parts: 45 } })
  let found: { name: string; bytes: number; tooBig: boolean; written: Promise<void> } | undefined
  reader.on('field', (name, value) => fields.push([name, value]))
  reader.on('file', (_, stream, name) => {
    if (found || !name || unproven()) return void stream.resume()
    const file = { name: name.slice(0, 120), bytes: 0, tooBig: false, written: Promise.resolve() }
    stream.on('data', (part: Buffer) => {
      file.bytes += part.length
    })
    stream.on('limit', () => {
      file.tooBig = true
    })
    file.written = pipeline(stream, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
    // Awaited below; a broken upload must not end the process before that.
    file.written.catch(() => undefined)
    found = file
  })
  try {
    await pipeline(ctx.req, reader)
    await found?.written
  } catch (reason) {
    await drop()
    // A browser that gave up, or a body that is no form: said as 400.
    ctx.throw(400, reason instanceof Error ? reason.name : 'upload')
  }
  if (unproven()) return { form, refused: 'unproven' }
  if (!found) return { form, refused: 'none' }
  if (found.tooBig || found.bytes === 0) {
    await drop()
    return { form, refused: found.tooBig ? 'too_big' : 'none' }
  }
  return { form, file: { name: found.name, path, bytes: found.bytes, drop } }
}
