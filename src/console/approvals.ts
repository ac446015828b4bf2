import type { Console } from './console.ts'

/** `/console/approvals` */
export function approvalPages(_desk: Console): void {
  // Nothing here yet.
}
