import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { pino } from 'pino'
import { readManifest } from '../documents/manifest.ts'
import { eventually } from '../test-support/gateway.ts'
import { watchFile } from './file.ts'

test('a content that cannot be taken is told, and the next one is taken', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podium-file-'))
  const file = join(folder, 'documents.json')
  const logged: { file: string; error: string }[] = []
  const logger = pino({ base: null }, { write: (line: string) => void logged.push(JSON.parse(line)) })
  const taken: string[] = []
  const changed = async (text: string) => {
    if (text === 'broken') throw new Error('no use for it')
    taken.push(text)
  }
  writeFileSync(file, 'first')
  const watcher = watchFile(file, { text: 'first', changed, logger, poll: 20 })
  writeFileSync(file, 'broken')
  await eventually(() => logged.length > 0)
  expect(logged).toMatchObject([{ file, error: expect.stringContaining('no use for it') }])
  writeFileSync(file, 'whole')
  await eventually(() => taken.length > 0)
  expect(taken).toEqual(['whole'])
  await watcher.close()
  rmSync(folder, { recursive: true })
})

test('a document that is nested too deeply for any reader is a fault of its manifest', () => {
  const deep = `${'{a'.repeat(20_000)}${'}'.repeat(20_000)}`
  expect(() => readManifest(JSON.stringify({ deep }))).toThrow('deep: is nested too deeply')
})
