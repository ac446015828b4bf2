import type { Console } from './console.ts'

/** `/console/audit` */
export function auditPages(_desk: Console): void {
  // Nothing here yet.
}
