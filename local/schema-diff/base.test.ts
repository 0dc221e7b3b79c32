import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { runToEnd } from '../../test/support/processes.ts'
import { CONTRACT, DECISIONS, defaultBase, namedBase } from './base.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'podium-contract-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const contract = (field: string) => `type Query {\n  ${field}: Int\n}\n`

function git(...args: string[]): void {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false']
  const env = { PATH: process.env.PATH, HOME: process.env.HOME }
  const { status, stderr } = spawnSync('git', [...identity, ...args], { cwd: folder, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

function write(text: string): string {
  mkdirSync(join(folder, 'schema'), { recursive: true })
  writeFileSync(join(folder, CONTRACT), text)
  return text
}

function commit(message: string): void {
  git('add', '.')
  git('commit', '--quiet', '--allow-empty', '--message', message)
}

/** A main branch on which the contract was changed, and then something else was. */
function history(): void {
  git('init', '--quiet', '--initial-branch', 'main')
  write(contract('first'))
  commit('First')
  write(contract('second'))
  commit('Second')
  commit('Something else')
}

test('what is not committed is compared with the last commit', () => {
  history()
  expect(defaultBase(folder, write(contract('third')))).toEqual({
    name: expect.stringContaining('Something else'),
    sdl: contract('second'),
  })
})

test('a main branch as it is committed is compared with how it was before the latest change', () => {
  history()
  expect(defaultBase(folder, contract('second'))).toEqual({
    name: expect.stringContaining('First'),
    sdl: contract('first'),
  })
})

test('a branch is compared with where it left the main one, whatever it has committed', () => {
  history()
  git('checkout', '--quiet', '-b', 'other')
  for (const field of ['third', 'fourth']) {
    write(contract(field))
    commit(field)
  }
  expect(defaultBase(folder, contract('fourth'))).toMatchObject({ sdl: contract('second') })
})

test('what was decided by then comes with it', () => {
  history()
  mkdirSync(join(folder, 'docs'))
  const decide = (text: string) => writeFileSync(join(folder, DECISIONS), text)
  decide('Early.\n')
  write(contract('third'))
  commit('Third')
  decide('Early.\nLate.\n')
  expect(defaultBase(folder, write(contract('fourth')))).toMatchObject({ decisions: 'Early.' })
  commit('Fourth')
  expect(defaultBase(folder, contract('fourth'))).toMatchObject({
    sdl: contract('third'),
    decisions: 'Early.',
  })
  expect(namedBase(folder, { name: 'HEAD', folder })).toMatchObject({ decisions: 'Early.\nLate.' })
})

test('without a history there is nothing to compare with', () => {
  const missing = (why: string) => ({ missing: expect.stringContaining(why) })
  expect(defaultBase(folder, contract('first'))).toEqual(missing('no git history'))
  git('init', '--quiet')
  expect(defaultBase(folder, write(contract('first')))).toEqual(missing('no git history'))
  commit('First')
  expect(defaultBase(folder, contract('first'))).toEqual(missing(`no other ${CONTRACT}`))
})

test('a revision or a file can be named', () => {
  history()
  expect(namedBase(folder, { name: 'HEAD~2', folder })).toMatchObject({ sdl: contract('first') })
  writeFileSync(join(folder, 'other.graphql'), contract('other'))
  expect(namedBase(folder, { name: 'other.graphql', folder })).toMatchObject({ sdl: contract('other') })
  expect(() => namedBase(folder, { name: 'none', folder })).toThrow('none is no file, and no revision')
  expect(() => namedBase(folder, { name: '--output=x', folder })).toThrow('is no file')
})

test('the command says in sentences what breaks partners, and fails unless that is allowed', async () => {
  const current = readFileSync(new URL(`../../${CONTRACT}`, import.meta.url), 'utf8')
  const diff = (sdl: string) => {
    writeFileSync(join(folder, 'base.graphql'), sdl)
    return runToEnd('local/schema-diff/main.ts', ['--base', 'base.graphql'], { INIT_CWD: folder })
  }
  const wider = current.replace('  displayName: String!\n', '  displayName: String!\n  shoeSize: Int\n')
  const broken = await diff(wider)
  expect(broken.code).toBe(1)
  expect(broken.stdout).toContain("User.shoeSize: Field 'shoeSize' was removed from object type 'User'.")
  expect(broken.stderr).toMatch(/Breaks partners: `User\.shoeSize` was removed \(\d{4}-\d{2}-\d{2}\)\./)

  const narrower = current.replace('  displayName: String!\n', '')
  const fresh = await diff(narrower)
  expect([fresh.code, fresh.stderr]).toEqual([0, ''])
  expect(fresh.stdout).toContain("User.displayName: Field 'displayName' was added to object type 'User'.")

  const same = await diff(current)
  expect([same.code, same.stdout]).toEqual([0, expect.stringContaining('Nothing changes for partners.')])
})
