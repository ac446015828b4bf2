import type { Rows } from '../row.ts'

/** What is kept: copies and keys. */
export const keepingRows: Rows = {
  backup: {
    fault: 'backup during load, restored elsewhere',
    promise: 'integrity, counts, audit chain, a decrypted row, a live link; who was erased since stays erased',
    proof: { file: 'test/backup/restore.test.ts' },
    controls: [
      {
        what: 'the file is copied while it is written to',
        edits: [
          {
            file: 'src/store/sqlite.ts',
            from: 'await writer.backup(target)',
            to: "(await import('node:fs')).copyFileSync(file, target)",
          },
        ],
      },
      {
        what: 'an erasure is not repeated',
        edits: [{ file: 'src/backup/restore.ts', from: 'await eraseAgain(app)', to: '0' }],
      },
    ],
  },
  keys: {
    fault: 'keys rotated while people go on, halfway a process dies; an old key lost',
    promise: 'everything is sealed anew, old links live, a lost key fails loudly at the start',
    proof: { file: 'test/keys/rotate.test.ts' },
    controls: [
      {
        what: 'only the first column is sealed anew',
        edits: [{ file: 'src/keys/rotate.ts', from: '{ column: at.column + 1 }', to: '{ column: SEALED.length }' }],
      },
      {
        what: 'codes are read with the newest key only',
        edits: [
          {
            file: 'src/security/keyring.ts',
            from: 'ring.flatMap((entry) => macs(entry, purpose, data))',
            to: 'macs(newest, purpose, data)',
          },
        ],
      },
    ],
  },
  sim: {
    fault: 'a SIM is taken over, a new password asked for, then another bank account',
    promise: 'no new account counts before the gateway calls the SIM old or an officer has seen the person',
    proof: { file: 'test/people/sim-swap.test.ts' },
    controls: [
      {
        what: 'where nobody can say it is taken for old',
        edits: [{ file: 'src/people/sim-swap.ts', from: "row.state !== 'unchanged' &&", to: "row.state === 'changed' &&" }],
      },
      {
        what: 'nobody looks before a change is agreed to',
        edits: [{ file: 'src/people/change-effect.ts', from: "? 'sim' : undefined", to: '? undefined : undefined' }],
      },
    ],
  },
}
