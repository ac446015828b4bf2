import { dice } from '../../src/demo/draw.ts'

/** What breaks out of a page, a cell, a screen or a letter where somebody forgot that a name is only text. */
const NASTY = [
  '<script>window.pwned=1</script>',
  '<img src=x onerror="window.pwned=1">',
  '"><svg onload=window.pwned=1>',
  "' onmouseover='window.pwned=1",
  '" autofocus onfocus="window.pwned=1',
  '</title><script>window.pwned=1</script>',
  '</main></body><h1>Mtu',
  '<a href="javascript:window.pwned=1">Mtu</a>',
  '<iframe src="javascript:parent.pwned=1">',
  '<style>*{display:none}</style>',
  '<meta http-equiv=refresh content="0;url=http://127.0.0.1:1/">',
  '<b>Achieng</b>',
  '&lt;script&gt;&amp;&#x27;',
  '$' + '{window.pwned=1}{{7*7}}<%= 7 %>',
  '{first_name} {short_code}',
  '%00%0a%0d{0}%s%n',
  '=HYPERLINK("http://127.0.0.1:1/","Mtu")',
  "=cmd|' /C calc'!A0",
  '+254700000000',
  '-2+3+cmd|x',
  '@SUM(1+1)*cmd',
  '\t=1+1',
  '＝HYPERLINK("x")',
  '＠SUM(1)',
  "'=1+1",
  '"=1+1","x"',
  ',;|"Achieng"',
  '\u202eOdera gneihcA',
  '\u2066Achieng\u2069 \u202dOdera\u202c',
  '\u200fאחינג\u200e Odera',
  'أشينغ أوديرا',
  'Achieng\u200b\u200d\u2060Odera\ufeff',
  '\u200b',
  'A\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030a\u030b\u030c Zalgo',
  '[~^{}|€\\] Mtu',
  '€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€',
  '👩🏾‍🏫 Mwalimu 🇰🇪',
  'Wanjirũ Ngũgĩ',
  "Ng'ang'a O'Tieno-D'Souza",
  '`‘’“”´',
  "Robert'); DROP TABLE people;--",
  '../../etc/passwd',
  '1 OR 1=1',
  'null',
  'undefined',
  '__proto__',
  'W'.repeat(120),
  'W'.repeat(121),
  `A ${'wwwwwwwwwwwww '.repeat(8)}`,
  'Ａｃｈｉｅｎｇ',
  '日本太郎',
  'Achieng\u00a0Odera',
  'Achieng\u2028Odera',
  'Achieng\r\nSTOP',
  'Achieng\u0000Odera',
  'Achieng\u0007\u001b[31mOdera',
  'Achieng\ud800Odera',
  ' ',
  '',
]
const PARTS = ['Achieng', 'Odera', 'Mwangome', "O'Tieno", 'Wanjirũ']

/** So many names, no two alike: each of the list, then mixtures of it with names that people have. */
export function hostileNames(most: number): string[] {
  const roll = dice(7)
  const names = new Set(NASTY)
  while (names.size < most) {
    const nasty = roll.pick(NASTY)
    const mixed = [
      `${roll.pick(PARTS)} ${nasty}`,
      `${nasty}${roll.pick(PARTS)}`,
      `${nasty}${roll.pick(NASTY)}`,
      [...nasty]
        .toSpliced(roll.below(nasty.length + 1), 0, roll.pick(['\u202e', '\u200b', '"', '<', '\u0301', '=', '👍', '€']))
        .join(''),
    ]
    names.add(roll.pick(mixed).slice(0, 124))
  }
  return [...names].slice(0, Math.max(most, NASTY.length))
}
