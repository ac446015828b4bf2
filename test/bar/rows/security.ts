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
}
