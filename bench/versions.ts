import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** What everything runs on. */
export function machine(): string {
  const [cpu] = cpus()
  return `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} x ${cpu?.model}`
}

/** The versions of packages, as installed in a `node_modules` folder. */
export function versions(modules: URL, names: string[]): string {
  return names.map((name) => `${name} ${versionIn(new URL(`${name}/`, modules))}`).join(', ')
}

function versionIn(folder: URL): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'))
  return version
}
