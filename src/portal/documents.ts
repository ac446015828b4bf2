import type { Portal } from './portal.ts'

/** `/portal/documents`: certificates. */
export function documentPages(_portal: Portal): void {
  // Nothing here yet.
}
