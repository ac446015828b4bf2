import { ask } from './ask.ts'
import type { Fault, FaultSetting } from './faults.ts'
import type { Message } from './messages.ts'
import type { Numbered } from './ring.ts'
import type { Exchange } from './traffic.ts'

/** The emulator's own desk, over HTTP: what passed by, what to break next, where callbacks go. */
export function emulatorDesk(url: string) {
  return {
    /** Raw exchanges both ways with a number above `after`, oldest first; the newest 500 are kept. */
    traffic: (after = 0) => ask<Numbered<Exchange>[]>(url, 'GET', `/traffic?after=${after}`),
    clearTraffic: () => ask<object>(url, 'DELETE', '/traffic'),
    /** Everything the application has sent, landed or not; the newest 10,000 are kept. */
    messages: (after = 0) => ask<Numbered<Message>[]>(url, 'GET', `/messages?after=${after}`),
    /** Without `times` the fault stays until it is cleared. */
    fault: (msisdn: string, fault: Fault, times?: number) =>
      ask<FaultSetting[]>(url, 'POST', '/faults', { msisdn, fault, times }),
    faults: () => ask<FaultSetting[]>(url, 'GET', '/faults'),
    clearFaults: () => ask<object>(url, 'DELETE', '/faults'),
    setCallbacks: (base: string) => ask<object>(url, 'PUT', '/callbacks', { base }),
  }
}
