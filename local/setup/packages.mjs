import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { alone } from './alone.mjs'
import { root } from './root.mjs'

const MODULES = join(root, 'node_modules')
/** npm's record of what it installed: it is removed before an install and written at its end. */
const RECORD = join(MODULES, '.package-lock.json')

/** Installs what package-lock.json says, unless it is installed already. */
export async function ensurePackages(say) {
  if (isInstalled()) return
  await alone(say, async () => {
    if (!isInstalled()) await install(say)
  })
}

function isInstalled() {
  // The pinned Node is put there by an install script, so it also tells that those ran.
  if (!existsSync(RECORD) || !existsSync(join(MODULES, '.bin', 'node'))) return false
  const wanted = packagesIn(join(root, 'package-lock.json'))
  const installed = packagesIn(RECORD)
  const same = (path) =>
    wanted[path]?.version === installed[path]?.version &&
    wanted[path]?.integrity === installed[path]?.integrity
  return (
    Object.keys(installed).every(same) &&
    // What is optional may belong to another kind of machine.
    Object.keys(wanted).every((path) => same(path) || (wanted[path].optional && !installed[path]))
  )
}

function packagesIn(file) {
  const { '': _project, ...packages } = JSON.parse(readFileSync(file, 'utf8')).packages
  return packages
}

async function install(say) {
  say('Installing the packages of package-lock.json with npm ci; this takes a minute.')
  rmSync(RECORD, { force: true })
  const stopProgress = showProgress(say)
  // The machine's Node starts npm only, so what packages ask of it does not matter; NODE_ENV=production neither.
  const quiet = ['--loglevel=error', '--no-audit', '--no-fund', '--engine-strict=false']
  const npm = spawn('npm', ['ci', '--include=dev', ...quiet], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [npm.stdout, npm.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text))
  const stop = (signal) => {
    stopProgress()
    npm.kill('SIGKILL') // any other it obeys only once it is done
    process.exit(128 + constants.signals[signal])
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)

  const failure = await new Promise((resolve) => {
    npm.once('error', (error) => resolve(error.message))
    npm.once('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)))
  })
  stopProgress()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, stop)
  if (failure) throw new Error(`${output}npm ci failed: ${failure}`)
}

function showProgress(say) {
  const started = performance.now()
  const elapsed = () => `npm ci: ${Math.round((performance.now() - started) / 1_000)} s`
  const live = process.stderr.isTTY
  const timer = live
    ? setInterval(() => process.stderr.write(`\r${elapsed()}`), 1_000 /* ms */)
    : setInterval(() => say(elapsed()), 10_000 /* ms */)
  return () => {
    clearInterval(timer)
    if (live) process.stderr.write('\r\x1b[K') // the line, erased
  }
}
