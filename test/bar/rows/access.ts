import type { Rows } from '../row.ts'

/** Who may do what, how often, and what is left to a thief. */
export const accessRows: Rows = {
  limits: {
    fault: 'too much from one number, one range of numbers, one address, or all of them; two processes',
    promise:
      'limits hold across all processes, shed politely, counted; an ordinary step costs no query and waits for no shared row',
    proof: { file: 'test/bar/limits.test.ts' },
    controls: [
      {
        what: 'each process counts for itself',
        edits: [
          { file: 'src/security/shares.ts', from: 'const row = `', to: 'const row = mine + `' },
          { file: 'src/security/shares.ts', from: 'const part = ', to: 'const mine = clock.id()\n  const part = ' },
        ],
      },
      {
        what: 'whatever a forwarding header begins with is believed',
        edits: [{ file: 'src/web/address.ts', from: 'forwarded.at(-proxies)', to: 'forwarded.at(0)' }],
      },
      {
        what: 'a proxy that nobody told us of is one address like any other',
        edits: [{ file: 'src/web/address.ts', from: 'shared.check(address) ? undefined : address', to: 'address' }],
      },
      {
        what: 'every step asks the table',
        edits: [{ file: 'src/security/shares.ts', from: 'Math.floor(limit.most / 20)', to: '1' }],
      },
      {
        what: 'what is turned away is not counted',
        edits: [{ file: 'src/web/ussd.ts', from: '    metrics.shed.inc({ why })\n', to: '' }],
      },
    ],
  },
}
