import type { Console } from './console.ts'

/** `/console/deployments` */
export function deploymentPages(_desk: Console): void {
  // Nothing here yet.
}
