import { type Broken, checkEnd, checkLinks } from '../audit/chain.ts'
import type { RunKind } from '../runs/run.ts'

export const VERIFY_RUN = 'audit.verify'
const AT_ONCE = 1_000

type Found = { checked: number; next?: number; broken?: Broken | undefined }

/** Goes through the whole chain, and stops at the first link that does not hold: its number stands in the tally. Writes nothing else. */
export const verifyRun: RunKind<Record<string, never>, Found> = {
  async gather(app, _, cursor) {
    const found: Found = await checkLinks(app.store.read, app.keyring, Number(cursor ?? 0), AT_ONCE)
    return found.broken || found.next !== undefined ? found : { ...found, broken: await checkEnd(app) }
  },
  async slice(_, __, ___, { checked, next, broken }) {
    const tally = broken ? { checked, [`broken_${broken.fault}`]: broken.n } : { checked }
    return { next: broken ? undefined : next?.toString(), done: checked, tally }
  },
}
