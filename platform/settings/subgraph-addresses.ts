import { ConfigError, givenIn } from './environment.ts'
import { isProduction } from './production.ts'
import { weaknessOf } from './weak-secret.ts'

/** Shortest secret that a gateway and a subgraph may share. */
export const SECRET_LENGTH = 32 // characters

/** A subgraph as a supergraph declares it; its url may be empty there. */
export type DeclaredSubgraph = { name: string; url: string | undefined }

/** Where a subgraph is, and the secret that its requests are signed with; null: they are not signed. */
export type SubgraphAddress = { name: string; url: string; secret: string | null }

/** What the environment says of subgraphs, whatever their names. */
export type SubgraphSettings = {
  /** Whether requests are signed. */
  signing: boolean
  /** Whether secrets must be such as nobody guesses, and one each. */
  production: boolean
  /** Every variable that may be a subgraph's: `<NAME>_URL` and `<NAME>_SECRET`. */
  variables: Readonly<Record<string, string>>
}

/** Reads what an environment may say of subgraphs that are not known yet. */
export function readSubgraphSettings(env: NodeJS.ProcessEnv, signing: boolean): SubgraphSettings {
  const given = givenIn(env)
  const named = Object.entries(given).filter(([name]) => /_(URL|SECRET)$/.test(name))
  return { signing, production: isProduction(given), variables: Object.fromEntries(named) }
}

/** How variables of a subgraph begin: its name in capitals, with `_` for whatever is neither letter nor digit. */
export const variablePrefix = (name: string) => name.toUpperCase().replace(/[^A-Z0-9]/g, '_')

/**
 * Where subgraphs are: where the environment says, or else the supergraph. Throws ConfigError with what is missing of
 * any of them.
 */
export function locateSubgraphs(
  declared: readonly DeclaredSubgraph[],
  { signing, production, variables }: SubgraphSettings,
): SubgraphAddress[] {
  const faults: string[] = []
  const addresses = declared.map(({ name, url }): SubgraphAddress => {
    const prefix = variablePrefix(name)
    const namesake = declared.find((other) => other.name !== name && variablePrefix(other.name) === prefix)
    const set = variables[`${prefix}_URL`]
    if (set && namesake)
      faults.push(`${prefix}_URL: would be that of ${[name, namesake.name].sort().join(' and ')}`)
    faults.push(...faultsOfUrl(`${prefix}_URL`, set, url))
    const secret = variables[`${prefix}_SECRET`]
    if (signing) faults.push(...faultsOfSecret(`${prefix}_SECRET`, secret, production))
    if (signing && production && secret) {
      const first = declared.find((other) => variables[`${variablePrefix(other.name)}_SECRET`] === secret)
      const owner = variablePrefix(first?.name ?? name)
      if (owner !== prefix) faults.push(`${prefix}_SECRET: is that of ${owner}_SECRET, and each has its own`)
    }
    return { name, url: set ?? url ?? '', secret: signing ? (secret ?? '') : null }
  })
  if (faults.length > 0) throw new ConfigError([...new Set(faults)])
  return addresses
}

function faultsOfUrl(variable: string, set: string | undefined, declared: string | undefined): string[] {
  if (isHttpUrl(set ?? declared)) return []
  if (set) return [`${variable}: must be an http:// or https:// URL`]
  if (!declared) return [`${variable}: is missing, and the supergraph names no url either`]
  return [`${variable}: is missing, and the supergraph's ${JSON.stringify(declared)} is no http:// URL`]
}

function faultsOfSecret(variable: string, secret: string | undefined, production: boolean): string[] {
  if (secret === undefined) return [`${variable}: is missing, and SUBGRAPH_SIGNING is not off`]
  if (secret.length < SECRET_LENGTH) return [`${variable}: must have at least ${SECRET_LENGTH} characters`]
  const weakness = production && weaknessOf(secret)
  return weakness ? [`${variable}: ${weakness}`] : []
}

function isHttpUrl(text: string | undefined): boolean {
  return text !== undefined && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
