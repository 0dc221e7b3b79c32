import { ConfigError, givenIn } from './environment.ts'

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
  /** Every variable that may be a subgraph's: `<NAME>_URL` and `<NAME>_SECRET`. */
  variables: Readonly<Record<string, string>>
}

/** Reads what an environment may say of subgraphs that are not known yet. */
export function readSubgraphSettings(env: NodeJS.ProcessEnv, signing: boolean): SubgraphSettings {
  const named = Object.entries(givenIn(env)).filter(([name]) => /_(URL|SECRET)$/.test(name))
  return { signing, variables: Object.fromEntries(named) }
}

/** How variables of a subgraph begin: its name in capitals, with `_` for whatever is neither letter nor digit. */
export const variablePrefix = (name: string) => name.toUpperCase().replace(/[^A-Z0-9]/g, '_')

/**
 * Where subgraphs are: where the environment says, or else the supergraph. Throws ConfigError with what is missing of
 * any of them.
 */
export function locateSubgraphs(
  declared: readonly DeclaredSubgraph[],
  { signing, variables }: SubgraphSettings,
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
    if (signing) faults.push(...faultsOfSecret(`${prefix}_SECRET`, secret))
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

function faultsOfSecret(variable: string, secret: string | undefined): string[] {
  if (secret === undefined) return [`${variable}: is missing, and SUBGRAPH_SIGNING is not off`]
  return secret.length < SECRET_LENGTH ? [`${variable}: must have at least ${SECRET_LENGTH} characters`] : []
}

function isHttpUrl(text: string | undefined): boolean {
  return text !== undefined && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
