import type { Rows } from './row.ts'
import { accessRows } from './rows/access.ts'
import { deliveryRows } from './rows/delivery.ts'
import { keepingRows } from './rows/keeping.ts'
import { operatorRows } from './rows/operator.ts'
import { securityRows } from './rows/security.ts'
import { storageRows } from './rows/storage.ts'

/** Every promise of the service under faults and attack, in the order of the table. */
export const rows: Rows = { ...storageRows, ...deliveryRows, ...keepingRows, ...securityRows, ...accessRows, ...operatorRows }
