import { globSync, readFileSync, statSync } from 'node:fs'
import { extname, join, relative, resolve } from 'node:path'
import { gqlPluckFromCodeStringSync } from '@graphql-tools/graphql-tag-pluck'
import { Source } from 'graphql'

const graphqlFiles = new Set(['.graphql', '.gql'])
const codeFiles = new Set(['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'])

/**
 * Every piece of GraphQL in files and folders: files of it, and templates tagged gql or graphql, or marked so, in
 * TypeScript and JavaScript. Each knows its file, as seen from `base`, and line. Packages and hidden folders are left out.
 * Throws Error for a path that is not there, and for code that does not parse.
 */
export function sourcesIn(paths: readonly string[], base: string): Source[] {
  const files = new Set(paths.flatMap((path) => filesAt(resolve(base, path))))
  return [...files].sort().flatMap((file) => sourcesOf(file, relative(base, file)))
}

function filesAt(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) throw new Error(`${path}: does not exist`)
  if (!stats.isDirectory()) return [path]
  const exclude = (name: string) => name === 'node_modules' || (name.startsWith('.') && name.length > 1)
  return globSync('**/*', { cwd: path, exclude })
    .filter((file) => graphqlFiles.has(extname(file)) || codeFiles.has(extname(file)))
    .map((file) => join(path, file))
}

function sourcesOf(file: string, name: string): Source[] {
  const text = readFileSync(file, 'utf8')
  if (!codeFiles.has(extname(file))) return text.trim() ? [new Source(text, name)] : []
  if (!/gql|graphql/i.test(text)) return []
  try {
    return gqlPluckFromCodeStringSync(file, text, { skipIndent: true }).map(
      ({ body, locationOffset }) => new Source(body, name, locationOffset),
    )
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : error}`)
  }
}
