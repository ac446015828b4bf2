import type { Clock } from '../../base/clock.ts'
import type { Background } from './background.ts'
import type { Callbacks } from './callbacks.ts'
import type { ReportFault } from './faults.ts'
import { openLane } from './lane.ts'
import type { Message } from './messages.ts'

/** The statuses that are reported, in order. `HandsetBusy` is in nobody's list. */
const plans = {
  normal: ['Sent', 'Success'],
  'early-report': ['Sent', 'Success'],
  'late-report': ['Sent', 'Success'],
  'duplicate-report': ['Sent', 'Sent', 'Success', 'Success'],
  'reversed-reports': ['Success', 'Sent'],
  'unknown-status': ['Sent', 'HandsetBusy'],
  'failed-report': ['Sent', 'Failed'],
  'no-report': [],
} satisfies Record<ReportFault | 'normal', string[]>

const finals = ['Success', 'Failed']

export type Reports = {
  /** Posts the delivery reports of a message; resolves when the last one was answered, or at once for those that come later. */
  follow(message: Message, networkCode: string, fault: ReportFault | undefined): Promise<void>
}

type Options = { clock: Clock; background: Background; callbacks: Callbacks; reportMs: number; lateReportMs: number }

/** Each report comes `reportMs` after the one before; a late one first waits `lateReportMs`. */
export function openReports({ clock, background, callbacks, reportMs, lateReportMs }: Options): Reports {
  // A bulk sending must not open a socket for every message at once.
  const lane = openLane(32)

  async function post(message: Message, networkCode: string, status: string) {
    const fields = {
      id: message.id,
      status,
      phoneNumber: message.to,
      networkCode,
      ...(status === 'Failed' ? { failureReason: 'DeliveryFailure' } : {}),
      ...(finals.includes(status) ? { retryCount: '0' } : {}),
    }
    await lane(() => callbacks.post('delivery', message.to, fields))
    message.status = status
  }

  async function play(message: Message, networkCode: string, fault: ReportFault | undefined) {
    if (fault === 'late-report') await clock.sleep(lateReportMs, background.signal)
    for (const status of plans[fault ?? 'normal']) {
      if (fault !== 'early-report') await clock.sleep(reportMs, background.signal)
      if (background.signal.aborted) return
      await post(message, networkCode, status)
    }
  }

  return {
    async follow(message, networkCode, fault) {
      const playing = play(message, networkCode, fault)
      if (fault === 'early-report') await playing
      else background.run(playing)
    },
  }
}
