import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { enter } from '../../src/bench/client.ts'
import { CALLBACK_SECRET, startChild } from '../kit/child.ts'

const WITO = new URL('../../src/cli/wito.js', import.meta.url).pathname

test('the link that the first start prints makes the first administrator, once; an officer added by command begins too', async () => {
  const child = await startChild()
  try {
    const path = async () => /First officer\s+\S+(\/console\/begin\/[\w-]+)\s+\(works once\)/.exec(child.said())?.[1]
    await expect.poll(path, { timeout: 10_000 }).toBeDefined()
    const link = `${child.url}${await path()}`
    const first = await enter(child.url, link)
    expect(await first.get('/console/officers')).toContain('administrator')
    expect((await fetch(link)).status).toBe(410)

    const words = [
      'officer',
      'add',
      '--name',
      'Zawadi',
      '--username',
      'z.first',
      '--role',
      'clerk',
      '--county',
      'Kisumu',
      '--json',
    ]
    const env = {
      ...process.env,
      NODE_ENV: 'test',
      DATABASE_URL: `file:${child.file}`,
      CALLBACK_SECRETS: CALLBACK_SECRET,
      LOG_LEVEL: 'silent',
    }
    const { stdout } = await promisify(execFile)(process.execPath, [WITO, ...words], { env })
    const added = new URL((JSON.parse(stdout) as { link: string }).link).pathname
    const clerk = await enter(child.url, `${child.url}${added}`)
    expect(await clerk.get('/console')).toContain('Zawadi')
    expect(await clerk.status('GET', '/console/officers')).toBe(403)
    expect((await fetch(`${child.url}${added}`)).status).toBe(410)
    // Both were let in by the operator, and wait for nobody to confirm them.
    const officers = await first.get('/console/officers')
    expect(officers).toContain('z.first')
    expect(officers).not.toContain('waits for a second administrator')
  } finally {
    await child.stop()
  }
}, 90_000)
