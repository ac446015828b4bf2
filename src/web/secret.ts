import { hash, timingSafeEqual } from 'node:crypto'

const digest = (text: string) => hash('sha256', text, 'buffer')

/** Whether a text is one of the secrets. Takes the same time whichever it is, and however much of it is right. */
export function knowsSecret(secrets: readonly string[]): (given: string) => boolean {
  const digests = secrets.map(digest)
  return (given) => {
    const mine = digest(given)
    // No early way out: every secret is compared.
    return digests.filter((each) => timingSafeEqual(each, mine)).length > 0
  }
}
