import type { App } from '../app.ts'
import { isKnownDevice } from '../people/sign-in.ts'
import { cookieOf, setCookie } from '../web/cookies.ts'
import { deviceLabel } from '../web/device-label.ts'
import type { Call } from '../web/face.ts'

const A_YEAR_S = 365 * 24 * 3600
const idOf = ({ keyring }: App, token: string) => keyring.digest('device', token)

/** Whether this browser has shown before that it is beside this person's phone. */
export function deviceOf(app: App, { ctx }: Call, personId: string): Promise<boolean> {
  const token = cookieOf(ctx, 'device')
  return token === undefined ? Promise.resolve(false) : isKnownDevice(app, personId, idOf(app, token))
}

/** From now on no code is asked for in this browser. */
export async function rememberDevice(app: App, { ctx }: Call, personId: string): Promise<void> {
  const token = app.clock.bytes(24).toString('base64url')
  const at = app.clock.now()
  await app.store.work(`device:${personId}`, async (tx) => {
    await tx
      .insert(tx.devices)
      .values({ id: idOf(app, token), personId, label: deviceLabel(ctx.get('User-Agent')), at, seenAt: at })
  })
  setCookie(ctx, 'device', token, A_YEAR_S)
}
