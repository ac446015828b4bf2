import type { Console } from './console.ts'

/** `/console/applications` */
export function applicationPages(_desk: Console): void {
  // Nothing here yet.
}
