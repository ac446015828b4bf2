import type { Rows } from '../row.ts'

export const securityRows: Rows = {}
