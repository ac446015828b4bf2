import { readConfig } from '../../../src/config.ts'
import { openAfricasTalking } from '../../../src/gateway/africastalking/africastalking.ts'
import { openApp } from '../../../src/open.ts'
import { openSender } from '../../../src/sms/sender.ts'

// A node that does nothing but send, in a process of its own: it is told by its environment where, how fast and with which times, and says
// a line for each message that the gateway took.
const config = readConfig()
const { app } = await openApp(config, () => process.exit(1))
const { username, apiKey = '', url = '' } = config.gateway
openSender({
  app,
  gateway: openAfricasTalking({ username, apiKey, url, log: app.log }),
  perSecond: config.smsPerSecond,
  realGateway: false,
  times: JSON.parse(process.env.TEST_TIMES ?? ''),
  onSent: () => process.stdout.write('sent\n'),
}).start()
process.stdout.write('ready\n')
// It never outlives the test that started it.
process.stdin.once('end', () => process.exit(1)).resume()
