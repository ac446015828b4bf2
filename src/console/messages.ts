import { broadcastPages } from './broadcasts.ts'
import type { Console } from './console.ts'
import { inboxPages } from './inbox.ts'
import { deliveryPage } from './message-delivery.ts'
import { messageTable } from './message-table.ts'

/** `/console/messages`: what was sent and how it fared, what people wrote, and broadcasts. */
export function messagePages(desk: Console): void {
  messageTable(desk)
  deliveryPage(desk)
  inboxPages(desk)
  broadcastPages(desk)
}
