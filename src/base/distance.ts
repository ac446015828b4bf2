/** Degrees, north and east. */
export type Position = { latitude: number; longitude: number }

const EARTH_METRES = 6_371_009

/** Points on a ball of radius 1, three numbers each: distances between many of them are then a few multiplications. */
export function onBall(positions: readonly Position[]): Float64Array<ArrayBuffer> {
  const points = new Float64Array(positions.length * 3)
  positions.forEach(({ latitude, longitude }, n) => {
    const [north, east] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180]
    points[3 * n] = Math.cos(north) * Math.cos(east)
    points[3 * n + 1] = Math.cos(north) * Math.sin(east)
    points[3 * n + 2] = Math.sin(north)
  })
  return points
}

/** Whole metres over the ground as the crow flies, between the a-th of `from` and the b-th of `to`. */
export function metresBetween(from: Float64Array, a: number, to: Float64Array, b: number): number {
  const x = (from[3 * a] as number) - (to[3 * b] as number)
  const y = (from[3 * a + 1] as number) - (to[3 * b + 1] as number)
  const z = (from[3 * a + 2] as number) - (to[3 * b + 2] as number)
  return Math.round(2 * EARTH_METRES * Math.asin(Math.min(1, Math.sqrt(x * x + y * y + z * z) / 2)))
}
