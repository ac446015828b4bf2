import type { Console } from './console.ts'

/** `/console/people` */
export function peoplePages(_desk: Console): void {
  // Nothing here yet.
}
