import { isIPv4, isIPv6 } from 'node:net'
import proxyAddr from '@fastify/proxy-addr'
import { ConfigError } from './environment.ts'

/** What a gateway in production is judged by, as the environment has it. */
type Given = Readonly<Record<string, string>>

/** Passwords that PostgreSQL's images and guides have. */
const knownPasswords = new Set([
  'postgres',
  'password',
  'podium',
  'secret',
  'admin',
  'changeme',
  'example',
  'root',
])

/** Whether a process with this environment is in production: whatever does not say that it is in development. */
export const isProduction = (given: Given) => given.NODE_ENV !== 'development'

/**
 * Throws ConfigError with all that a gateway in production must not be set to. `isOwn`: it serves our subgraphs, which
 * have rules that those of others may not have.
 */
export function checkProductionGateway(given: Given, { isOwn }: { isOwn: boolean }): void {
  if (!isProduction(given)) return
  const faults: string[] = []
  for (const origin of (given.ALLOWED_ORIGINS ?? '').split(',').map((item) => item.trim())) {
    if (origin.startsWith('http://') && URL.canParse(origin) && !isLoopback(new URL(origin).hostname)) {
      faults.push(`ALLOWED_ORIGINS: ${origin} is not https, so that whoever is on the way changes its pages`)
    }
  }
  if (given.EXPLORER === 'on') faults.push('EXPLORER: is for development')
  if (isOwn && given.SUBGRAPH_SIGNING === 'off') {
    faults.push('SUBGRAPH_SIGNING: is off, and the subgraphs of Podium answer nothing that is not signed')
  }
  if (isOwn && given.INTROSPECTION === 'on') {
    faults.push('INTROSPECTION: is for development; partners read their contract instead')
  }
  const [variable, keys] = given.JWKS_URL
    ? ['JWKS_URL', given.JWKS_URL]
    : ['USERS_URL', isOwn && given.USERS_URL]
  if (keys && isOpenToAll(keys)) {
    faults.push(`${variable}: the keys of access tokens are fetched from there, which must be by https or within a private network`) // biome-ignore format: one sentence
  }
  if (faults.length > 0) throw new ConfigError(faults)
}

/** Throws ConfigError when a database in production is behind a password that everybody tries first. */
export function checkProductionDatabase(given: Given): void {
  if (!isProduction(given) || !URL.canParse(given.DATABASE_URL ?? '')) return
  const { password, hostname } = new URL(given.DATABASE_URL ?? '')
  if (isLoopback(hostname) || !knownPasswords.has(decodeURIComponent(password).toLowerCase())) return
  throw new ConfigError(['DATABASE_URL: has a password that everybody tries first'])
}

/** Whether a URL is read by whoever is on the way to it. */
export function isOpenToAll(url: string): boolean {
  if (!URL.canParse(url)) return false // which is told elsewhere
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !isLoopback(hostname) && !isPrivate(hostname)
}

const isLoopbackAddress = proxyAddr.compile(['loopback'])
const isPrivateAddress = proxyAddr.compile(['linklocal', 'uniquelocal'])

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIPv4(host) || isIPv6(host)) return isLoopbackAddress(host, 0)
  return host === 'localhost' || host.endsWith('.localhost')
}

/** Names without a dot, and those that end so, are found by nobody outside: Docker's, Kubernetes' and private networks'. */
function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIPv4(host) || isIPv6(host)) return isPrivateAddress(host, 0)
  return !host.includes('.') || /\.(local|internal|svc)$/.test(host)
}
