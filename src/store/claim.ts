/**
 * Marks a select as a claim: its rows are this unit's until it ends, and rows that another unit has are passed over, so that two who
 * claim at one moment neither wait for one another nor take the same. Where one unit writes at a time it changes nothing.
 */
export function claiming<Q extends object>(query: Q): Q {
  const lockable = query as Q & { for?(strength: 'update', how: { skipLocked: true }): Q }
  return lockable.for?.('update', { skipLocked: true }) ?? query
}
