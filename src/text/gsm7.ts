const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const EXT = '^{}\\[~]|€\f'
const width = new Map([...[...BASIC].map((c) => [c, 1] as const), ...[...EXT].map((c) => [c, 2] as const)])
export const strangers = (t: string) => [...new Set([...t].filter((c) => !width.has(c)))]
export const isGsm7 = (t: string) => strangers(t).length === 0
export function septets(t: string) {
  let n = 0
  for (const c of t) {
    const w = width.get(c)
    if (!w) throw new RangeError(`not GSM-7 ${c.codePointAt(0)}`)
    n += w
  }
  return n
}
export const toGsm7 = (t: string) =>
  [...t.normalize('NFC')]
    .map((c) => (width.has(c) ? c : [...c.normalize('NFKD')].filter((d) => width.has(d)).join('') || '?'))
    .join('')
export function clip(t: string, w: number) {
  const g = toGsm7(t)
  if (septets(g) <= w) return g
  let out = ''
  for (const c of g) {
    if (septets(out + c) > w - 2) break
    out += c
  }
  return `${out}..`
}
