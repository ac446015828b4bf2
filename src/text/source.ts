import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { LRUCache } from 'lru-cache'
import { type Alias, type Document, LineCounter, parseDocument, visit } from 'yaml'
import type { z } from 'zod'

/** Something wrong in a YAML file that people write, and where. `file` is its name without folders; lines and columns count from 1. */
export type Problem = { file: string; line: number; column: number; message: string }
/** Keys and places that lead from the top of a file to one of its values: `['jobs', 'choices', 0, 'en']`. */
export type Path = readonly (string | number)[]

/** A YAML file read into plain values, which still knows where each of them stands. */
export type Source = {
  file: string
  /** `{}` for an empty file, and for one that has `problems`. */
  value: unknown
  /** What makes it no YAML, or YAML that is not read here. */
  problems: Problem[]
  /** A problem at the node that `path` leads to (or at its nearest parent that exists). */
  problem(path: Path, message: string): Problem
}

/** Parsing costs twenty times what reading does, and several parts of a service read the same files when it starts. */
const known = new LRUCache<string, { text: string; source: Source }>({ max: 100 })

/**
 * Reads the file at `path`, or `text` in its stead. What is wrong in it is a problem; a file that is not there is thrown.
 * Anchors and aliases are refused: a few lines of them can stand for millions of values, and a value would have two places.
 */
export function readSource(path: string, text = readFileSync(path, 'utf8')): Source {
  const before = known.get(path)
  if (before?.text === text) return before.source
  const source = parsed(basename(path), text)
  known.set(path, { text, source })
  return source
}

function parsed(file: string, text: string): Source {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false })
  // Ten times as large as the text, and needed only where something is wrong: parsed again then, not kept.
  let nodes: Document | undefined
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const problems = document.errors.map((error) => ({ file, ...place(error.pos[0]), message: error.message }))
  visit(document, {
    Alias: (_, alias: Alias) => {
      problems.push({
        file,
        ...place(alias.range?.[0] ?? 0),
        message: `'*${alias.source}' is not read here: write the value out`,
      })
    },
  })
  return {
    file,
    value: problems.length > 0 ? {} : (document.toJS() ?? {}),
    problems,
    problem(nodePath, message) {
      nodes ??= parseDocument(text, { prettyErrors: false })
      for (let depth = nodePath.length; depth > 0; depth--) {
        const node = nodes.getIn(nodePath.slice(0, depth), true) as { range?: [number, number, number] | null } | undefined
        if (node?.range) return { file, ...place(node.range[0]), message }
      }
      return { file, line: 1, column: 1, message }
    },
  }
}

/** The file's value in the shape that `schema` asks for; undefined, with the problems added to `problems`, where it has another. */
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

/** A problem as one line: `main.yaml:12:7 there is no screen 'jbos'`. */
export const described = (problem: Problem): string => `${problem.file}:${problem.line}:${problem.column} ${problem.message}`
