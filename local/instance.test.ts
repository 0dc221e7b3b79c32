import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { openInstance } from './instance.ts'
import { kill, nextLine, startElsewhere, temporaryFolder } from './test-support.ts'

test('an instance is opened once at a time, and others beside it', () => {
  const repository = temporaryFolder()
  const first = openInstance(4000, repository)
  expect(() => openInstance(4000, repository)).toThrow(
    /^Podium on port 4000 already runs from .*\.local\/4000$/,
  )
  openInstance(4001, repository).close()
  first.close()
  openInstance(4000, repository).close()
})

test('an instance is free again once the process that had it was killed', async () => {
  const repository = temporaryFolder()
  const holder = startElsewhere(
    './instance.ts',
    `const held = local.openInstance(4000, '${repository}')
     console.log(held.folder)`,
  )
  await nextLine(holder)
  expect(() => openInstance(4000, repository)).toThrow('already runs')
  await kill(holder)
  openInstance(4000, repository).close()
})

test('a secret stays the same and is readable by its owner alone', () => {
  const repository = temporaryFolder()
  const first = openInstance(4000, repository)
  const secret = first.secret('identity')
  expect(first.secret('tokens')).not.toBe(secret)
  first.close()

  const second = openInstance(4000, repository)
  expect(second.secret('identity')).toBe(secret)
  expect(statSync(join(second.folder, 'secrets.json')).mode & 0o777).toBe(0o600)
  second.close()
})
