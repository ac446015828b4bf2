/**
 * The block kept for demonstration and tests: +254 700 000 001 to +254 700 000 999. Its numbers look real and may one day be somebody's,
 * so nothing is ever sent to them through a real gateway.
 */
export function isDemonstrationNumber(msisdn: string): boolean {
  return /^\+254700000(?!000)\d{3}$/.test(msisdn)
}
