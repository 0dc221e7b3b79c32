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
    process.on('SIGINT', () => console.log('interrupted', ++count))
    process.on('SIGTERM', () => { console.log(count); process.exit() })
    setInterval(() => {}, 60_000)
    console.log('ready')`)
  expect(await nextLine(setup)).toBe('ready')
  const interrupted = nextLine(setup)
  setup.kill('SIGINT')
  setup.kill('SIGINT')
  expect(await interrupted).toBe('interrupted 1')
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

test('a script is asked to stop when the shell that npm ran the setup in was killed', async () => {
  const setup = writeScript(`process.on('SIGTERM', () => { console.log('stopping'); process.exit() })
    setInterval(() => {}, 60_000)
    console.log('ready')`)
  const shell = spawn('/bin/sh', ['-c', `'${process.execPath}' ${setup.join(' ')}; true`], {
    env: { ...process.env, npm_lifecycle_event: 'start' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  expect(await nextLine(shell)).toBe('ready')
  const stopping = nextLine(shell)
  await kill(shell)
  expect(await stopping).toBe('stopping')
})

function start(code: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [...writeScript(code), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

function writeScript(code: string): string[] {
  const script = join(temporaryFolder(), 'script.mjs')
  writeFileSync(script, code)
  return [join(import.meta.dirname, 'setup.mjs'), script]
}
