import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { ConfigError, check, givenIn, readTogether } from './environment.ts'
import { isOpenToAll, isProduction } from './production.ts'
import { port } from './variables.ts'

/** Where files are kept. */
export type ObjectStoreSettings = FolderSettings | BucketSettings

export type FolderSettings = {
  kind: 'folder'
  folder: string
  /** Where gateways serve its files to the public, without a slash at the end. */
  url: string
}

export type BucketSettings = {
  kind: 's3'
  bucket: string
  /** What all keys begin with in the bucket: empty, or with a slash at its end. */
  prefix: string
  region: string
  /** An S3 that is not Amazon's; null: theirs. */
  endpoint: string | null
  /** Null: those of the machine, which the SDK finds. */
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | null
  /** What stands before `public/` in public addresses, such as a CDN's; null: the bucket's own address. */
  url: string | null
}

const DEVELOPMENT_FOLDER = join(import.meta.dirname, '..', '..', '.local', 'files')

/** Reads where files are kept, for a subgraph's process. Throws ConfigError. */
export function readObjectStoreSettings(env: NodeJS.ProcessEnv): ObjectStoreSettings {
  const [{ OBJECT_STORE: store, FILES_URL: url }] = readTogether([
    () => check(env, { OBJECT_STORE: location.optional(), FILES_URL: filesUrl.optional() }),
    () => checkProductionStore(givenIn(env)),
  ])
  if (store?.kind === 's3') return { ...store, ...readBucket(env), url: url ?? null }
  return { kind: 'folder', folder: store?.folder ?? DEVELOPMENT_FOLDER, url: url ?? developmentUrl(env) }
}

type Location = Pick<FolderSettings, 'kind' | 'folder'> | Pick<BucketSettings, 'kind' | 'bucket' | 'prefix'>

const location = z.string().transform((text, context): Location => {
  const found = locate(text)
  if (found) return found
  const message =
    'must be a folder, as file:///srv/podium is one, or a bucket, as s3://bucket and s3://bucket/prefix are'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

function locate(text: string): Location | null {
  const [, bucket, prefix] = /^s3:\/\/([a-z0-9][a-z0-9.-]+[a-z0-9])(?:\/+([\w./-]*?))?\/*$/.exec(text) ?? []
  if (bucket) return { kind: 's3', bucket, prefix: prefix ? `${prefix}/` : '' }
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text)) return { kind: 'folder', folder: resolve(text) }
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  return url.protocol === 'file:' && url.host === '' ? { kind: 'folder', folder: fileURLToPath(url) } : null
}

const webUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })

const filesUrl = webUrl
  .refine((text) => !/[?#]/.test(text), 'must have neither ? nor #')
  .transform((text) => text.replace(/\/+$/, ''))

function checkProductionStore(given: Readonly<Record<string, string>>): void {
  if (!isProduction(given)) return
  const { OBJECT_STORE: store, FILES_URL: url } = given
  const faults: string[] = []
  if (!store) {
    faults.push('OBJECT_STORE: is missing: set it to a bucket (s3://bucket/prefix), or to a folder that all subgraphs share') // biome-ignore format: one sentence
  }
  if (store && locate(store)?.kind === 'folder' && !url) {
    faults.push('FILES_URL: is missing: set it to the public address of /files of the gateways, such as https://podium.example/files') // biome-ignore format: one sentence
  }
  if (url && isOpenToAll(url)) {
    faults.push(`FILES_URL: ${url} is not https, so that whoever is on the way reads and changes files`)
  }
  if (faults.length > 0) throw new ConfigError(faults)
}

function developmentUrl(env: NodeJS.ProcessEnv): string {
  return `http://127.0.0.1:${check(env, { PORT: port.default(4000) }).PORT}/files`
}

function readBucket(env: NodeJS.ProcessEnv) {
  const {
    AWS_REGION: region,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = check(env, {
    AWS_REGION: z.string(),
    AWS_ENDPOINT_URL_S3: webUrl.transform((text) => text.replace(/\/+$/, '')).optional(),
    AWS_ACCESS_KEY_ID: z.string().optional(),
    AWS_SECRET_ACCESS_KEY: z.string().optional(),
    AWS_SESSION_TOKEN: z.string().optional(),
  })
  const keys = accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : null
  if (!keys && (accessKeyId || secretAccessKey)) {
    const missing = accessKeyId ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID'
    throw new ConfigError([`${missing}: is missing, and the other half of the credentials is set`])
  }
  return {
    region,
    endpoint: endpoint ?? null,
    credentials: keys && { ...keys, ...(sessionToken && { sessionToken }) },
  }
}
