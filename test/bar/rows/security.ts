import type { Rows } from '../row.ts'

/** Who may do what, who may learn what, and what a forger gets. */
export const securityRows: Rows = {
  callbacks: {
    fault: 'callbacks without the secret, with wrong ones, with forged forwarding headers',
    promise: 'the same 404 on every route, by every method',
    proof: { file: 'test/bar/callbacks.test.ts' },
    controls: [
      {
        what: 'the beginning of a secret is enough',
        edits: [
          {
            file: 'src/web/secret.ts',
            from: 'digests.filter((each) => timingSafeEqual(each, mine)).length > 0',
            to: 'digests.some((each) => timingSafeEqual(each, mine)) || secrets.some((each) => each.startsWith(given))',
          },
        ],
      },
      {
        what: 'a forwarding header is believed',
        edits: [
          {
            file: 'src/web/callbacks.ts',
            from: 'if (!known(ctx.params.secret)) ctx.throw(404)',
            to: "if (!known(ctx.params.secret) && !ctx.get('X-Forwarded-For').includes('127.0.0.1')) ctx.throw(404)",
          },
        ],
      },
      {
        what: 'the body is read before the secret is looked at',
        edits: [
          {
            file: 'src/web/callbacks.ts',
            from: "guard, kind === 'sim-swap' ? flatJsonBody : formBody, async",
            to: "kind === 'sim-swap' ? flatJsonBody : formBody, guard, async",
          },
        ],
      },
    ],
  },
  headers: {
    fault: 'any request to any route, those that are answered with an error and those that are no HTTP too',
    promise: 'no-store, no-referrer, a strict content policy, nosniff, noindex',
    proof: { file: 'test/bar/headers.test.ts' },
    controls: [
      {
        what: 'one header is left out',
        edits: [{ file: 'src/web/headers.ts', from: "'X-Robots-Tag': 'noindex, nofollow',", to: '' }],
      },
      {
        what: 'a failure is left to the framework',
        edits: [
          {
            file: 'src/web/errors.ts',
            from: 'const status = statusOf(reason)',
            to: 'const status = statusOf(reason)\n      if (status === 500) throw reason',
          },
        ],
      },
      {
        what: 'the console permits scripts inside its pages',
        edits: [{ file: 'src/console/assets.ts', from: "script-src 'self'", to: "script-src 'self' 'unsafe-inline'" }],
      },
      {
        what: 'Node turns a request without a host away',
        edits: [{ file: 'src/web/sockets.ts', from: 'requireHostHeader: false', to: 'requireHostHeader: true' }],
      },
    ],
  },
  pins: {
    fault: 'PINs that people choose first, and those made of what others know of them',
    promise: 'a blocklist of about a tenth of the space (9 to 15 %), and personal digits',
    proof: { file: 'test/people/pin-rules.test.ts' },
    controls: [
      { what: 'dates are not weak', edits: [{ file: 'src/people/pin-rules.ts', from: '    isDate(pin)\n', to: '    false\n' }] },
      {
        what: 'personal digits are looked for at the beginning only',
        edits: [{ file: 'src/people/pin-rules.ts', from: '[0, 1, 2].some', to: '[0].some' }],
      },
      {
        what: 'the national ID is not held against a PIN',
        edits: [{ file: 'src/people/pin.ts', from: 'pinFault(pin, [msisdn, nationalId])', to: 'pinFault(pin, [msisdn])' }],
      },
    ],
  },
  forged: {
    fault: 'forged and altered links',
    promise: 'refused before the database is asked',
    proof: { file: 'test/links/token.test.ts', name: 'a forged code' },
    controls: [
      {
        what: 'only half of the MAC is compared',
        edits: [
          {
            file: 'src/links/token.ts',
            from: 'timingSafeEqual(Buffer.from(half(mac)), given)',
            to: 'half(mac).startsWith(given.toString().slice(0, 4))',
          },
        ],
      },
      {
        what: 'a code of one purpose is good for the other',
        edits: [
          { file: 'src/links/token.ts', from: 'keyring.sign(', to: "keyring.sign('code' || " },
          { file: 'src/links/token.ts', from: 'keyring.signatures(', to: "keyring.signatures('code' || " },
        ],
      },
      {
        what: 'the database is asked first',
        edits: [
          {
            file: 'src/letters/letter.ts',
            from: "const id = readCode(keyring, 'download', code)\n  return id === undefined",
            to: "const id = readCode(keyring, 'download', code)\n  await linkState(store.read, code.slice(0, 8), clock.now())\n  return id === undefined",
          },
        ],
      },
    ],
  },
  trail: {
    fault: 'audit trail edited, reordered, cut at the tail, rows put in, by somebody who holds the database',
    promise: 'detected, and the first bad row is named',
    proof: { file: 'test/bar/trail.test.ts' },
    controls: [
      {
        what: 'no link names the one before',
        edits: [
          { file: 'src/audit/chain.ts', from: 'signed(++n, mac, row)', to: 'signed(++n, NOTHING, row)' },
          { file: 'src/audit/chain.ts', from: 'signed(n, mac, row)', to: 'signed(n, NOTHING, row)' },
        ],
      },
      {
        what: 'the details of a row are not signed',
        edits: [{ file: 'src/audit/chain.ts', from: 'detail && Object.entries(detail)', to: 'Object.entries({})' }],
      },
      {
        what: 'only the last anchor is looked at',
        edits: [{ file: 'src/audit/chain.ts', from: 'anchors.slice(from, from + AT_ONCE)', to: 'anchors.slice(-1)' }],
      },
    ],
  },
  guesses: {
    fault: 'PINs, passwords and codes guessed at, many at once, over restarts',
    promise: 'exactly 5 are looked at, then 30 min, 2 h, 24 h; ten in all, then an officer',
    proof: { file: 'test/bar/guesses.test.ts' },
    controls: [
      {
        what: 'the count is looked at after hashing',
        edits: [
          {
            file: 'src/people/pin.ts',
            from: '  if (!guess.allowed) return { found: guess.why, left: 0 }\n  const oneTime',
            to: '  const oneTime',
          },
          {
            file: 'src/people/pin.ts',
            from: "  return { found: right ? (oneTime ? 'one_time' : 'right') : 'wrong', left: guess.left }",
            to: "  if (!guess.allowed) return { found: guess.why, left: 0 }\n  return { found: right ? (oneTime ? 'one_time' : 'right') : 'wrong', left: guess.left }",
          },
        ],
      },
      {
        what: 'a lock that is over begins the count anew',
        edits: [
          {
            file: 'src/security/guesses.ts',
            from: 'set: { tries: next,',
            to: 'set: { tries: sql`case when locked_until > 0 then 1 else tries + 1 end`,',
          },
        ],
      },
      {
        what: 'a name written otherwise is another name',
        edits: [
          {
            file: 'src/officers/sign-in.ts',
            from: 'typed.username.trim().toLowerCase().slice(0, 60)',
            to: 'typed.username',
          },
        ],
      },
      {
        what: 'a code by SMS is compared before the try is counted',
        edits: [
          {
            file: 'src/people/challenge.ts',
            from: '.where(and(mine, gt(challenges.triesLeft, 0), gt(challenges.expiresAt, at)))',
            to: '.where(and(mine, gt(challenges.expiresAt, at)))',
          },
        ],
      },
    ],
  },
  previews: {
    fault: 'a link looked at by messengers, by HEAD and GET, clicked twice, sent for by 50 at once',
    promise: 'exactly the permitted downloads',
    proof: { file: 'test/bar/previews.test.ts' },
    controls: [
      {
        what: 'looking costs a download',
        edits: [
          {
            file: 'src/letters/letter.ts',
            from: "return id === undefined ? { refused: 'unknown' } : linkState(store.read, id, clock.now())",
            to: "if (id) await store.work(id, (tx) => permitDownload(tx, id, clock.now()))\n  return id === undefined ? { refused: 'unknown' } : linkState(store.read, id, clock.now())",
          },
        ],
      },
      {
        what: 'the count-down is not guarded, only looked at before',
        edits: [
          {
            file: 'src/links/link.ts',
            from: 'and(eq(links.id, hole.id), gt(links.downloadsLeft, 0), gt(links.expiresAt, hole.at))',
            to: 'and(eq(links.id, hole.id), gt(links.expiresAt, hole.at))',
          },
          {
            file: 'src/links/link.ts',
            from: 'and(gt(links.downloadsLeft, 0), gt(links.triesLeft, 0), gt(links.expiresAt, at), exists(inForce))',
            to: 'and(gt(links.triesLeft, 0), gt(links.expiresAt, at), exists(inForce))',
          },
        ],
      },
    ],
  },
  walks: {
    fault: 'skipped steps, replayed or altered transcripts, another number on a session',
    promise: 'nothing personal without the PIN of that number, no effect without the right steps',
    proof: { file: 'test/bar/walks.test.ts' },
    controls: [
      {
        what: 'a session is whoever names it',
        edits: [
          {
            file: 'src/ussd/hop.ts',
            from: 'if (session && (session.msisdn !==',
            to: 'if (session && false && (session.msisdn !==',
          },
        ],
      },
      {
        what: 'a transcript is believed without a look at how it began',
        edits: [
          { file: 'src/ussd/hop.ts', from: ' || digestOf(desk, hop, text.slice(0, session.length)) !== session.digest', to: '' },
        ],
      },
      {
        what: 'a call that is gone on with keeps the PIN of before',
        edits: [
          { file: 'src/ussd/session.ts', from: 'const { signed: _, pass: __, ...vars } =', to: 'const vars =' },
          { file: 'src/ussd/session.ts', from: 'vars: { ...vars, ...state.vars }', to: 'vars: { ...state.vars, ...vars }' },
        ],
      },
      {
        what: 'neither menu nor action asks for the PIN',
        edits: [
          { file: 'src/ussd/session.ts', from: 'if (guard && next.vars', to: "if (guard && screen.needs !== 'pin' && next.vars" },
          { file: 'src/perform.ts', from: "who === 'pin' && !actor.signed", to: 'false' },
        ],
      },
    ],
  },
  registered: {
    fault: 'somebody asks about numbers and usernames to learn who is registered',
    promise: 'the same text, status, length and time (AUC of 0.55 at most)',
    proof: { file: 'test/bar/registered.test.ts' },
    controls: [
      {
        what: 'nothing is hashed for an unknown number',
        edits: [
          {
            file: 'src/people/sign-in.ts',
            from: 'const account = holder?.account',
            to: "if (!holder) return { refused: 'wrong' }\n  const account = holder?.account",
          },
        ],
      },
      {
        what: 'a one-time password is made only where there is somebody to send it to',
        edits: [
          {
            file: 'src/people/password.ts',
            from: 'gather: gatherOneTime,',
            to: `gather: async (app, actor) =>
              (await app.store.read.select().from(app.store.read.accounts)).some((row) => row.msisdn === actor.msisdn)
                ? gatherOneTime(app) : { password: '', hash: '' },`,
          },
        ],
      },
      {
        what: 'a new account says whether it was made',
        edits: [
          {
            file: 'src/portal/account.ts',
            from: "call.go('/portal/new/sent')",
            to: "(await registering).refused ? call.show(newPage(call, typed), 422) : call.go('/portal/new/sent')",
          },
        ],
      },
    ],
  },
  names: {
    fault: 'names such as <script>, =HYPERLINK(…), bidi marks, GSM extension characters',
    promise: 'harmless in console, portal, CSV, XLSX, SMS and PDF',
    proof: { file: 'test/bar/names.test.ts' },
    controls: [
      {
        what: 'a page takes a name for a piece of itself',
        edits: [{ file: 'src/console/application-filters.ts', from: 'row.fullName}</a>', to: 'raw(row.fullName)}</a>' }],
      },
      {
        what: 'a cell that begins like a formula is left as it is',
        edits: [{ file: 'src/sheets/cells.ts', from: '.test(text) ?', to: '.test(text) && false ?' }],
      },
      {
        what: 'a name goes out by SMS as it was typed',
        edits: [
          {
            file: 'src/text/gsm7.ts',
            from: 'if (PLAIN.test(text)) return text\n  const written',
            to: 'if (text) return text\n  const written',
          },
        ],
      },
      {
        what: 'on paper a letter without a shape is left out',
        edits: [{ file: 'src/letters/paper.ts', from: "? plain : '\\ufffd'", to: "? plain : ''" }],
      },
    ],
  },
}
