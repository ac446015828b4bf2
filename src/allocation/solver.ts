import loadHighs, { type Highs } from 'highs'

/** HiGHS (highs.dev, MIT) as WebAssembly: some 60 ms to load, then its models live and die with `withModel`. */
// Its types name the ES module's default as CommonJS does.
export const openSolver = loadHighs as unknown as () => Promise<Highs>
