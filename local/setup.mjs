// What every command of package.json goes through: node local/setup.mjs [--browser] SCRIPT [ARGUMENTS…]
// Plain JavaScript without dependencies, since it runs before anything is installed.
import { ensurePackages } from './setup/packages.mjs'
import { ensureBrowser, ensureRedis } from './setup/programs.mjs'
import { runScript } from './setup/run-script.mjs'

const OLDEST_NODE = 20

try {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    throw new Error(`Podium needs Node ${OLDEST_NODE} or newer to start; this is ${process.versions.node}.`)
  }
  const [first, ...rest] = process.argv.slice(2)
  const browser = first === '--browser'
  const script = browser ? rest : process.argv.slice(2)
  if (script.length === 0) throw new Error('Usage: node local/setup.mjs [--browser] SCRIPT [ARGUMENTS…]')

  await ensurePackages(say)
  ensureRedis(say)
  if (browser) ensureBrowser(say)
  process.exitCode = await runScript(script)
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

/** On standard error: standard output belongs to the script. */
function say(line) {
  process.stderr.write(`${line}\n`)
}
