import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome']
const REDIS = ['redis-server', 'valkey-server']

const MANAGERS = [
  {
    command: 'apt-get',
    install: ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120' /* s */],
    refresh: ['update'],
    asRoot: true,
    packages: { redis: 'redis-server', browser: 'chromium' },
  },
  {
    command: 'apk',
    install: ['add', '--update-cache'],
    asRoot: true,
    packages: { redis: 'redis', browser: 'chromium' },
  },
  {
    command: 'dnf',
    install: ['install', '-y'],
    asRoot: true,
    packages: { redis: 'redis', browser: 'chromium' },
  },
  { command: 'brew', install: ['install'], asRoot: false, packages: { redis: 'redis' } },
]

/** Installs Redis unless there is one: at REDIS_URL, or on the PATH. */
export function ensureRedis(say) {
  if (process.env.REDIS_URL || find(REDIS)) return
  installPackage('redis', say)
  if (!find(REDIS)) {
    throw new Error(
      'Podium needs Redis: install redis-server (Debian: sudo apt-get install redis-server) or set REDIS_URL.',
    )
  }
}

/** Installs Chromium unless there is a browser of its kind on the PATH. */
export function ensureBrowser(say) {
  if (find(BROWSERS)) return
  installPackage('browser', say)
  if (!find(BROWSERS)) {
    throw new Error('The tests need a browser: install chromium (Debian: sudo apt-get install chromium).')
  }
}

function installPackage(what, say) {
  const manager = MANAGERS.find(({ command }) => find([command]))
  const name = manager?.packages[what]
  const prefix = manager?.asRoot ? becomeRoot() : []
  if (!name || !prefix) return
  say(`Installing ${name} with ${manager.command}, since this machine has none.`)
  const run = (args) => succeeds([...prefix, manager.command, ...args])
  const install = [...manager.install, name]
  const done = run(install) || (manager.refresh && run(manager.refresh) && run(install))
  // Debian starts what it installs; Podium starts its own on a port of its own.
  if (done && what === 'redis' && manager.command === 'apt-get') {
    if (!succeeds([...prefix, 'systemctl', 'disable', '--now', name]))
      succeeds([...prefix, 'service', name, 'stop'])
  }
}

/** @returns what to write before a command to run it as root, or undefined when that is not allowed. */
function becomeRoot() {
  if (process.getuid?.() === 0) return ['env', 'DEBIAN_FRONTEND=noninteractive']
  if (find(['sudo']) && succeeds(['sudo', '-n', 'true']))
    return ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive']
  return undefined
}

function succeeds([command, ...args]) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

function find(names) {
  return names.some((name) =>
    (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, name))),
  )
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
