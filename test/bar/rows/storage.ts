import type { Rows } from '../row.ts'

export const storageRows: Rows = {}
