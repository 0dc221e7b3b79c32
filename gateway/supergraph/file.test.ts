import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { pino } from 'pino'
import { eventually } from '../test-support/gateway.ts'
import { subgraphsInFile, watchFile } from './file.ts'

const POLL = 50 // ms

let folder: string
let file: string
let watcher: ReturnType<typeof watchFile> | undefined
const seen: string[] = []
const logged: { reason?: string }[] = []
const logger = pino({ base: null }, { write: (line: string) => void logged.push(JSON.parse(line)) })
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'podium-file-'))
  file = join(folder, 'supergraph.graphql')
  seen.length = 0
  logged.length = 0
})
afterEach(async () => {
  await watcher?.close()
  rmSync(folder, { recursive: true })
})

function watch(text: string, poll = POLL) {
  writeFileSync(file, text)
  watcher = watchFile(file, { text, changed: async (text) => void seen.push(text), logger, poll })
}

test('a file in several pieces is read once it is whole', async () => {
  watch('old', 500)
  writeFileSync(file, 'new, ')
  // Each piece comes well within the 100 ms that a content must outlast to count.
  for (const piece of ['and ', 'more ', 'of it']) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    appendFileSync(file, piece)
  }
  await eventually(() => seen.length > 0)
  expect(seen).toEqual(['new, and more of it'])
})

test('another content of the same length and age is another content', async () => {
  watch('one')
  writeFileSync(file, 'two')
  await eventually(() => seen.length === 1)
  writeFileSync(file, 'six')
  await eventually(() => seen.length === 2)
  expect(seen).toEqual(['two', 'six'])
})

test('a file that goes away and comes back has changed if its content has, and is missed in the log once', async () => {
  watch('here')
  renameSync(file, `${file}.away`)
  await eventually(() => logged.length > 0)
  renameSync(`${file}.away`, file)
  await new Promise((resolve) => setTimeout(resolve, 3 * POLL)) // that the same is no change has no event
  writeFileSync(file, 'again')
  await eventually(() => seen.length > 0)
  rmSync(file)
  await eventually(() => logged.length > 1)
  writeFileSync(file, 'once more')
  await eventually(() => seen.length > 1)
  expect(seen).toEqual(['again', 'once more'])
  expect(logged.map(({ reason }) => reason)).toEqual(['does not exist', 'does not exist'])
})

test('a watcher that was closed sees nothing more', async () => {
  watch('old')
  await watcher?.close()
  writeFileSync(file, 'new')
  await new Promise((resolve) => setTimeout(resolve, 3 * POLL))
  expect(seen).toEqual([])
})

test.each([
  ['a file that is not there', () => {}, /^ {2}SUPERGRAPH: \S+ does not exist$/m],
  ['a folder', () => mkdirSync(file), /^ {2}SUPERGRAPH: \S+ is a folder$/m],
  ['something else than GraphQL', () => writeFileSync(file, '\n<html>'), /^ {2}SUPERGRAPH: \S+ is no supergraph: Syntax Error: .+ \(line 2\)$/m], // biome-ignore format: one row
  ['a schema that is no supergraph', () => writeFileSync(file, 'type Query { a: Int }'), /^ {2}SUPERGRAPH: \S+ is no supergraph: .*core schema$/m], // biome-ignore format: one row
  ['an empty file', () => writeFileSync(file, ''), /^ {2}SUPERGRAPH: \S+ is no supergraph: Syntax Error: Unexpected <EOF>/m], // biome-ignore format: one row
])('%s is refused in a line', (_, make, line) => {
  make()
  expect(() => subgraphsInFile(file)).toThrow(line)
})
