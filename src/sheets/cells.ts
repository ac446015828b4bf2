/** A text that no spreadsheet takes for a formula: one that begins like one, full-width too, gets an apostrophe before it. OWASP, 'CSV Injection' */
export const safeCell = (text: string): string => (/^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text)
