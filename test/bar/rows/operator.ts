import type { Rows } from '../row.ts'

/** What operators owe people: to tell whose data were seen, and to give, correct and erase them. */
export const operatorRows: Rows = {
  breach: {
    fault: 'a stolen login: lists paged through, pages opened, fields revealed, files taken',
    promise: 'everybody whose data were seen or taken in that time is listed, and nobody else',
    proof: { file: 'test/bar/breach.test.ts' },
    controls: [
      {
        what: 'a file leaves before it is noted whose data are in it',
        edits: [{ file: 'src/audit/exported.ts', from: 'await file.note(people)\n      yield rows', to: 'yield rows' }],
      },
      {
        what: 'a page goes and nobody notes whose data it shows',
        edits: [{ file: 'src/web/face.ts', from: 'if (seen) await parts.note?.(visit, seen)', to: '' }],
      },
      {
        what: 'the list of a page is believed as it stands',
        edits: [
          {
            file: 'src/officers/breach.ts',
            from: 'digestOf(people) !== row.detail?.digest',
            to: 'row.detail?.digest === undefined',
          },
        ],
      },
      {
        what: 'the time is not asked for',
        edits: [
          {
            file: 'src/officers/breach.ts',
            from: 'eq(audit.action, action), gte(audit.at, from), lt(audit.at, to)',
            to: 'eq(audit.action, action)',
          },
        ],
      },
      {
        what: 'the list of a file is believed as it stands',
        edits: [{ file: 'src/officers/breach.ts', from: 'end === undefined || end.detail?.digest === digest.end()', to: 'true' }],
      },
    ],
  },
  subject: {
    fault: 'somebody asks for all that is held of them, then to be erased',
    promise:
      'the export holds every canary; after the erasure and a night 0 are left on the disk, and a second person is untouched',
    proof: { file: 'test/bar/subject.test.ts' },
    controls: [
      {
        what: 'the export forgets what they wrote',
        edits: [
          {
            file: 'src/people/held.ts',
            from: 'messages_received: received.map(',
            to: 'messages_received: received.slice(0, 0).map(',
          },
        ],
      },
      {
        what: 'a received SMS keeps its text, without the number',
        edits: [
          {
            file: 'src/people/erase.ts',
            from: `{ msisdn: ERASED, bodySealed: tools.keyring.seal(\`inbound.body:\${message}\`, '') }`,
            to: '{ msisdn: ERASED }',
          },
        ],
      },
      {
        what: 'the files of certificates stay',
        edits: [{ file: 'src/people/documents.ts', from: 'await dropFiles(app, rowless)', to: 'await dropFiles(app, [])' }],
      },
      {
        what: 'what is deleted stays in free pages',
        edits: [{ file: 'src/store/sqlite.ts', from: "'secure_delete=ON'", to: "'secure_delete=OFF'" }],
      },
      {
        what: 'the journal is never cut',
        edits: [{ file: 'src/people/forget.ts', from: 'await app.store.scrub()', to: '' }],
      },
      {
        what: 'an old number takes along whoever has it by now',
        edits: [
          {
            file: 'src/people/erase.ts',
            from: 'person ? await ownNumbers(tx, person) : []',
            to: '[...new Set([number, person?.msisdn ?? number])]',
          },
        ],
      },
    ],
  },
}
