import type { Console } from './console.ts'

/** `/console/jobs` */
export function jobPages(_desk: Console): void {
  // Nothing here yet.
}
