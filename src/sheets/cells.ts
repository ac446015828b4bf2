/** A text that no spreadsheet takes for a formula: one that begins like one gets an apostrophe before it. OWASP, 'CSV Injection' */
export const safeCell = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)
