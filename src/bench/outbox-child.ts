import { eq } from 'drizzle-orm'
import { readConfig } from '../config.ts'
import { openAfricasTalking } from '../gateway/africastalking/africastalking.ts'
import { openApp } from '../open.ts'
import { openSender } from '../sms/sender.ts'

// Sends what waits in an outbox, as the service does and with nothing beside it; the service itself takes no cap as high as the first
// word may say. Prints how many of them were accepted in all.
const perSecond = Number(process.argv[2])
const { app, close } = await openApp(readConfig())
const { username, url = '' } = app.config.gateway
const gateway = openAfricasTalking({ username, apiKey: 'stand-in', url, senderId: app.config.shortCode, log: app.log })
const sender = openSender({ app, gateway, perSecond, realGateway: false })
sender.start()
await sender.idle()
await sender.stop()
const { outbox } = app.store.read
const sent = await app.store.read.select({ id: outbox.id }).from(outbox).where(eq(outbox.status, 'sent'))
await close()
process.stdout.write(JSON.stringify({ accepted: sent.length }))
