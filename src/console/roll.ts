import type { Console } from './console.ts'

/** `/console/roll` */
export function rollPages(_desk: Console): void {
  // Nothing here yet.
}
