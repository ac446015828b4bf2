import { onTestFinished } from 'vitest'

/** Sets this machine's wall clock, as far as this process can tell: `Date` itself, for what we use as well as for us. Undone with the test. */
export function movableWall(): (ms: number) => void {
  const Real = Date
  let moved = 0
  class Moved extends Real {
    constructor(...given: ConstructorParameters<typeof Real> | []) {
      if (given.length === 0) super(Real.now() + moved)
      else super(...given)
    }
    static override now = () => Real.now() + moved
  }
  globalThis.Date = Moved as DateConstructor
  onTestFinished(() => {
    globalThis.Date = Real
  })
  return (ms) => {
    moved += ms
  }
}
