import { z } from 'zod'
import type { SubgraphName } from '../names.ts'
import { isPlainText } from '../text.ts'
import { ConfigError, check, givenIn, readTogether } from './environment.ts'
import { isOpenToAll, isProduction } from './production.ts'
import { port } from './variables.ts'

/** How mails go out. `outbox`: nowhere, but developers may read them; `off`: not at all. */
export type MailSettings = SmtpSettings | { kind: 'outbox' } | { kind: 'off' }

export type SmtpSettings = {
  kind: 'smtp'
  host: string
  /** Null: the usual one. */
  port: number | null
  /** From the start, or begun by STARTTLS, without which nothing is sent; `offered`: begun where the server offers it. */
  tls: 'implicit' | 'required' | 'offered'
  credentials: { user: string; pass: string } | null
  from: { name: string; address: string }
}

/**
 * Reads how mails go out of a subgraph, which notifications alone does. In production that must be said, even if it is `off`;
 * elsewhere they go to the outbox. Throws ConfigError.
 */
export function readMailSettings(env: NodeJS.ProcessEnv, subgraph: SubgraphName): MailSettings {
  if (subgraph !== 'notifications') return { kind: 'off' }
  const [{ SMTP_URL: server }, { MAIL_FROM: from }] = readTogether([
    () => check(env, { SMTP_URL: smtpUrl.optional() }),
    () => check(env, { MAIL_FROM: sender.optional() }),
  ])
  if (server === 'off') return { kind: 'off' }
  if (server && from) return { ...server, from }
  if (server) throw new ConfigError(['MAIL_FROM: is missing, and SMTP_URL is set'])
  if (!isProduction(givenIn(env))) return { kind: 'outbox' }
  throw new ConfigError(['SMTP_URL: is missing: set it to a server, as smtps://user:password@smtp.example is one, or to off for no mails']) // biome-ignore format: one sentence
}

/**
 * Reads where the app is that people use, without a slash at the end: links in mails lead there. In production the users
 * subgraph, which makes them, must be told; elsewhere it is the gateway. Throws ConfigError.
 */
export function readAppUrl(env: NodeJS.ProcessEnv, subgraph: SubgraphName): string {
  const { APP_URL: url, PORT } = check(env, { APP_URL: appUrl.optional(), PORT: port.default(4000) })
  if (subgraph !== 'users' || !isProduction(givenIn(env))) return url ?? `http://127.0.0.1:${PORT}`
  if (!url) throw new ConfigError(['APP_URL: is missing: set it to where links in mails lead, such as https://app.example']) // biome-ignore format: one sentence
  if (isOpenToAll(url)) {
    throw new ConfigError([`APP_URL: ${url} is not https, so that whoever is on the way reads what links in mails carry`]) // biome-ignore format: one sentence
  }
  return url
}

const appUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
  .refine((text) => !/[?#@]/.test(text), 'must have neither ?, # nor a user')
  .transform((text) => text.replace(/\/+$/, ''))

const smtpUrl = z.string().transform((text, context) => {
  const server = text === 'off' ? 'off' : serverOf(text)
  if (server) return server
  // What is wrong is not repeated: it may have a password in it.
  const message = 'must be an smtp:// or smtps:// URL with a host, and nothing behind it; or off'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

function serverOf(text: string): Omit<SmtpSettings, 'from'> | null {
  if (!/^smtps?:\/\/[^/?#]+\/?$/.test(text) || !URL.canParse(text)) return null
  const { protocol, hostname, port: at, username, password } = new URL(text)
  const user = decoded(username)
  const pass = decoded(password)
  if (!hostname || user === null || pass === null) return null
  const host = hostname.replace(/^\[|\]$/g, '')
  // Nobody outside is on the way to a private network's server, which often has no certificate.
  const plain = isOpenToAll(`http://${hostname}`) ? 'required' : 'offered'
  return {
    kind: 'smtp',
    host,
    port: at ? Number(at) : null,
    tls: protocol === 'smtps:' ? 'implicit' : plain,
    credentials: user ? { user, pass } : null,
  }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

const sender = z.string().transform((text, context) => {
  const [, name = '', inBrackets, alone] =
    /^(?:([^<>"]*)<([^\s<>@"]+@[^\s<>@"]+)>|([^\s<>@"]+@[^\s<>@"]+))$/.exec(text) ?? []
  const address = inBrackets ?? alone
  if (address && isPlainText(name) && !/[\r\n]/.test(name)) return { name: name.trim(), address }
  const message = 'must be an address, such as Podium <podium@app.example>'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})
