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
}
