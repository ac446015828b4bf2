import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type Booted, boot } from './kit/boot.ts'
import { play, readConversations } from './kit/conversation.ts'
import { movableClock } from './kit/desk.ts'
import { settle } from './kit/town.ts'

const folder = new URL('./conversations', import.meta.url).pathname

// Each file has a service and a town of its own; its conversations follow one another in it.
for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
  describe(file, () => {
    let service: Booted
    beforeAll(async () => {
      service = await boot({}, movableClock())
      await settle(service.app)
    })
    afterAll(() => service.close())
    for (const conversation of readConversations(join(folder, file))) test(conversation.name, () => play(service, conversation))
  })
}
