/**
 * What became of one message handed to the gateway, for one recipient.
 * `accepted`: the gateway took it; `id` is what delivery reports will name, `cost` e.g. `KES 0.8000`.
 * `refused`: it will never take it (bad number, blacklisted …); `optedOut` when the person asked not to be written to.
 * `again`: worth another try later.
 * `operator`: nothing goes out until someone mends the account (sender id, balance, key); the message waits.
 * `unknown`: the answer never came or made no sense; it was perhaps sent.
 */
export type SendResult =
  | { outcome: 'accepted'; id: string; cost: string }
  | { outcome: 'refused'; reason: string; optedOut: boolean }
  | { outcome: 'again'; reason: string }
  | { outcome: 'operator'; reason: string }
  | { outcome: 'unknown'; reason: string }

export type Gateway = {
  /** Resolves when a message would leave at once: before the first one is counted under a cap. */
  ready?(): Promise<unknown>
  /**
   * Sends one text to one MSISDN (E.164). Resolves always, within `timeoutMs` (10 s); never throws, never logs the text.
   * `mayGo` is asked just before the first byte; where it says no, nothing is written, and what this resolves with means nothing.
   */
  send(message: { to: string; text: string; bulk: boolean; mayGo?: () => boolean }): Promise<SendResult>
}

export type LookUps = {
  /** Asks when the SIM of an MSISDN was changed; the answer comes as a callback under the id `asked`. Resolves always; never throws. */
  simSwap(msisdn: string): Promise<{ asked: string } | { failed: string }>
}
