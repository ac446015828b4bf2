const BROWSERS: [RegExp, string][] = [
  [/Opera Mini/i, 'Opera Mini'],
  [/OPR\/|Opera/i, 'Opera'],
  [/UCBrowser/i, 'UC Browser'],
  [/SamsungBrowser/i, 'Samsung Internet'],
  [/Edg\//i, 'Edge'],
  [/Firefox|FxiOS/i, 'Firefox'],
  [/Chrome|CriOS/i, 'Chrome'],
  [/Safari/i, 'Safari'],
]
const SYSTEMS: [RegExp, string][] = [
  [/Android/i, 'Android'],
  [/iPhone|iPad/i, 'iPhone'],
  [/KAIOS/i, 'KaiOS'],
  [/J2ME|MIDP/i, 'Java'],
  [/Windows/i, 'Windows'],
  [/Mac OS/i, 'Mac'],
  [/Linux|X11/i, 'Linux'],
]

/** A browser in words that its owner recognises, from its User-Agent: `Chrome, Android`; `?` where it says nothing we know. */
export function deviceLabel(userAgent: string): string {
  const known = [BROWSERS, SYSTEMS].map((table) => table.find(([pattern]) => pattern.test(userAgent))?.[1]).filter(Boolean)
  return known.join(', ') || '?'
}
