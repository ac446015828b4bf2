import { parentPort } from 'node:worker_threads'
import { type Block, type Solved, solveBlock } from './block.ts'
import { openSolver } from './solver.ts'

export type Ask = { place: number; block: Block }
export type Answer = { place: number; solved: Solved } | { place: number; failed: string }

const highs = openSolver()

parentPort?.on('message', async ({ place, block }: Ask) => {
  let answer: Answer
  try {
    answer = { place, solved: solveBlock(await highs, block) }
  } catch (reason) {
    answer = { place, failed: reason instanceof Error ? reason.message : String(reason) }
  }
  parentPort?.postMessage(answer)
})
