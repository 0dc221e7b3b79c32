import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

/** Where the contract is in a checkout. */
export const CONTRACT = 'schema/partner.graphql'

/** Where it is said what may break partners. */
export const DECISIONS = 'docs/decisions.md'

/** A contract that another one is compared with and the decisions that were there with it, or why there is none. */
export type Base = { name: string; sdl: string; decisions?: string } | { missing: string }

/**
 * The contract that partners have before a change: that of where this branch left the main one; where nothing has changed since, that
 * before the latest change of it, so that a fresh clone of the main branch has something to compare with, too.
 */
export function defaultBase(checkout: string, current: string): Base {
  const git = gitIn(checkout)
  const head = git('rev-parse', '--verify', '--quiet', 'HEAD')
  if (head === null) return { missing: 'there is no git history here' }
  const main = ['origin/HEAD', 'origin/main', 'main'].find(
    (name) => git('rev-parse', '--verify', '--quiet', name) !== null,
  )
  const fork = (main && git('merge-base', 'HEAD', main)) || head
  const before = contractAt(git, fork)
  if (before !== null && before !== current) return baseAt(git, fork, before)
  const [, previous] = git('log', '-n', '2', '--format=%H', fork, '--', CONTRACT)?.split('\n') ?? []
  const sdl = previous ? contractAt(git, previous) : null
  if (previous && sdl !== null) return baseAt(git, previous, sdl)
  return { missing: `no other ${CONTRACT} is in the git history` }
}

/** The contract of a revision, or in a file that is named relative to `folder`. Throws where there is none. */
export function namedBase(checkout: string, { name, folder }: { name: string; folder: string }): Base {
  const file = resolve(folder, name)
  if (existsSync(file) && statSync(file).isFile()) return { name, sdl: readFileSync(file, 'utf8') }
  const git = gitIn(checkout)
  const sdl = contractAt(git, name)
  if (sdl === null) throw new Error(`${name} is no file, and no revision that has ${CONTRACT}.`)
  return baseAt(git, name, sdl)
}

/** What git says; null where it fails, or is not there. */
type Git = (...args: string[]) => string | null

function gitIn(checkout: string): Git {
  // A hook of git's names its own repository, wherever it is.
  const env = { ...process.env, GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined }
  return (...args) => {
    const { status, stdout } = spawnSync('git', args, { cwd: checkout, env, encoding: 'utf8' })
    return status === 0 ? stdout.replace(/\n$/, '') : null
  }
}

function contractAt(git: Git, revision: string): string | null {
  const sdl = fileAt(git, revision, CONTRACT)
  return sdl === null ? null : `${sdl}\n`
}

const fileAt = (git: Git, revision: string, file: string) =>
  git('show', '--end-of-options', `${revision}:./${file}`)

function baseAt(git: Git, revision: string, sdl: string): Base {
  return { name: describe(git, revision), sdl, decisions: fileAt(git, revision, DECISIONS) ?? undefined }
}

/** A revision as people know it. */
function describe(git: Git, revision: string): string {
  return git('show', '--no-patch', '--format=%h of %cs, %s', '--end-of-options', revision) ?? revision
}
