import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { kill, nextLine, temporaryFolder } from './test-support.ts'

test('a script is run by the pinned Node, with the arguments and the exit code that are its own', async () => {
  const setup = start(
    'console.log(process.version, ...process.argv.slice(2)); process.exitCode = 7',
    'a',
    'b c',
  )
  const exit = once(setup, 'exit')
  expect(await nextLine(setup)).toMatch(/^v24\S+ a b c$/)
  expect(await exit).toEqual([7, null])
})

test('a script that a signal ended is told as 128 and the signal', async () => {
  const setup = start("process.kill(process.pid, 'SIGKILL')")
  expect(await once(setup, 'exit')).toEqual([137, null])
})

test('the signals of one Ctrl-C reach the script as one', async () => {
  const setup = start(`let count = 0
    process.on('SIGINT', () => count++)
    process.on('SIGTERM', () => { console.log(count); process.exit() })
    setInterval(() => {}, 60_000)
    console.log('ready')`)
  expect(await nextLine(setup)).toBe('ready')
  setup.kill('SIGINT')
  setup.kill('SIGINT')
  setup.kill('SIGTERM')
  expect(await nextLine(setup)).toBe('1')
})

test('a script is asked to stop when the setup that started it was killed', async () => {
  const setup = start(`process.on('SIGTERM', () => { console.log('stopping'); process.exit() })
    setInterval(() => {}, 60_000)
    console.log('ready')`)
  expect(await nextLine(setup)).toBe('ready')
  const stopping = nextLine(setup)
  await kill(setup)
  expect(await stopping).toBe('stopping')
})

function start(code: string, ...args: string[]): ChildProcess {
  const script = join(temporaryFolder(), 'script.mjs')
  writeFileSync(script, code)
  const setup = join(import.meta.dirname, 'setup.mjs')
  return spawn(process.execPath, [setup, script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}
