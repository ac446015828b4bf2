import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'

/** Something wrong in a file of `menus/`, and where. Lines and columns count from 1. */
export type Problem = { file: string; line: number; column: number; message: string }
export type Path = readonly (string | number)[]

/** A YAML file read into plain values, which still knows where each of them stands. */
export type Source = {
  file: string
  value: unknown
  problems: Problem[]
  /** A problem at the node that `path` leads to (or at its nearest parent that exists). */
  problem(path: Path, message: string): Problem
}

export function readSource(path: string, text = readFileSync(path, 'utf8')): Source {
  const file = basename(path)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const problems = document.errors.map((error) => ({ file, ...place(error.pos[0]), message: error.message.split('\n')[0] ?? '' }))
  return {
    file,
    value: problems.length > 0 ? {} : (document.toJS() ?? {}),
    problems,
    problem(nodePath, message) {
      for (let depth = nodePath.length; depth > 0; depth--) {
        const node = document.getIn(nodePath.slice(0, depth), true) as { range?: [number, number, number] | null } | undefined
        if (node?.range) return { file, ...place(node.range[0]), message }
      }
      return { file, line: 1, column: 1, message }
    },
  }
}

/** The file's value in the shape that `schema` asks for; undefined, with the problems noted, where it is not. */
export function shaped<T>(source: Source, schema: z.ZodType<T>, problems: Problem[]): T | undefined {
  problems.push(...source.problems)
  if (source.problems.length > 0) return undefined
  const read = schema.safeParse(source.value)
  if (read.success) return read.data
  for (const issue of read.error.issues) {
    const path = issue.path as Path
    const where = issue.code === 'unrecognized_keys' ? [...path, issue.keys[0] ?? ''] : path
    problems.push(source.problem(where, `${path.join('.') || 'the file'}: ${issue.message}`))
  }
  return undefined
}

export const described = (problem: Problem): string => `${problem.file}:${problem.line}:${problem.column} ${problem.message}`
