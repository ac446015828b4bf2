import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { openSockets, SOCKET_LIMITS } from '../../src/web/sockets.ts'

test('a request that came whole is answered in parts for longer than a request may take to come', async () => {
  const limits = { ...SOCKET_LIMITS, requestMs: 150, graceMs: 1_000 }
  const sockets = openSockets(
    async (_, answer) => {
      for (const part of ['one ', 'two ', 'three']) {
        await wait(150)
        answer.write(part)
      }
      answer.end()
    },
    systemClock,
    limits,
  )
  onTestFinished(() => sockets.close())
  const { port } = await sockets.listen('127.0.0.1', 0)
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('one two three')
})
