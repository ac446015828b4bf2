import type { Console } from './console.ts'

/** `/console/messages` */
export function messagePages(_desk: Console): void {
  // Nothing here yet.
}
