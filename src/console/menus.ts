import type { Console } from './console.ts'

/** `/console/menus` */
export function menuPages(_desk: Console): void {
  // Nothing here yet.
}
