import type { Portal } from './portal.ts'

/** `/portal/change`: another bank account or phone number, guarded by PIN, code, 72 hours and an officer. */
export function changePages(_portal: Portal): void {
  // Nothing here yet.
}
