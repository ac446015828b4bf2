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
        edits: [{ file: 'src/web/callbacks.ts', from: 'guard, formBody, async', to: 'formBody, guard, async' }],
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
          { file: 'src/links/token.ts', from: 'keyring.sign(`code:${purpose}`, id)', to: 'keyring.sign(`code`, id)' },
          { file: 'src/links/token.ts', from: 'keyring.signatures(`code:${purpose}`, id)', to: 'keyring.signatures(`code`, id)' },
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
            from: 'const next = sql<number>`${guesses.tries} + 1`',
            to: 'const next = sql<number>`case when ${guesses.lockedUntil} > 0 then 1 else ${guesses.tries} + 1 end`',
          },
        ],
      },
      {
        what: 'a name written otherwise is another name',
        edits: [
          {
            file: 'src/officers/sign-in.ts',
            from: 'const key = `officer:${username}`',
            to: 'const key = `officer:${typed.username}`',
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
            from: 'and(eq(links.id, id), gt(links.downloadsLeft, 0), gt(links.expiresAt, at))',
            to: 'and(eq(links.id, id), gt(links.expiresAt, at))',
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
}
