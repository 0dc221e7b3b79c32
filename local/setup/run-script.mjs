import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { root } from './root.mjs'

const BIN = join(root, 'node_modules', '.bin')
const FOLLOW_PARENT = new URL('follow-parent.mjs', import.meta.url)
/** One Ctrl-C arrives twice under npm, which passes on what the terminal sent to both; a person is slower. */
const SAME_WISH = 500 // ms

/** Runs a script of the repository with the pinned Node. @returns its exit code, 128 + n if signal n ended it. */
export async function runScript(script) {
  const child = spawn(join(BIN, 'node'), ['--import', FOLLOW_PARENT.href, ...script], {
    cwd: root,
    // Its own process group, so that it gets each signal once, from here; the channel tells it if this process dies.
    detached: true,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}`,
      APOLLO_TELEMETRY_DISABLED: '1',
    },
  })
  passSignalsTo(child)
  if (process.env.npm_lifecycle_event) stopWithNpm(child)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}

function passSignalsTo(child) {
  const passedOn = new Map()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      const now = performance.now()
      if (now - (passedOn.get(signal) ?? -SAME_WISH) < SAME_WISH) return
      passedOn.set(signal, now)
      child.kill(signal)
    })
  }
}

/** npm passes a SIGTERM to the shell between it and this process, which ends and tells nobody. */
function stopWithNpm(child) {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    child.kill('SIGTERM')
  }, 250 /* ms */)
  timer.unref()
}
