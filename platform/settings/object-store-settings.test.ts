import { expect, test } from '@jest/globals'
import { ConfigError } from './environment.ts'
import { readObjectStoreSettings } from './object-store-settings.ts'

const folder = { OBJECT_STORE: 'file:///srv/podium', FILES_URL: 'https://podium.example/files' }
const bucket = { OBJECT_STORE: 's3://pictures', AWS_REGION: 'eu-west-1' }
const development = { NODE_ENV: 'development' }

/** The variables at fault, and what is said of each. */
function faultsOf(env: NodeJS.ProcessEnv): Record<string, string> {
  try {
    readObjectStoreSettings(env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return Object.fromEntries(error.faults.map((fault) => fault.split(/: (.*)/)))
  }
  return {}
}

test('a folder is named by a URL or a path, and a bucket by a URL, with a prefix or without', () => {
  const settings = (OBJECT_STORE: string) => readObjectStoreSettings({ ...folder, ...bucket, OBJECT_STORE })
  expect(settings('file:///srv/the%20files')).toMatchObject({ kind: 'folder', folder: '/srv/the files' })
  expect(settings('/srv/files')).toMatchObject({ folder: '/srv/files' })
  expect(settings('files')).toMatchObject({ folder: `${process.cwd()}/files` })
  expect(settings('s3://pictures')).toMatchObject({ kind: 's3', bucket: 'pictures', prefix: '' })
  expect(settings('s3://my.pictures/')).toMatchObject({ bucket: 'my.pictures', prefix: '' })
  expect(settings('s3://pictures/podium/live/')).toMatchObject({ prefix: 'podium/live/' })
})

test.each(['https://files.example', 'file://host/srv', 's3://', 's3://Pictures', 's3://a/b?c', 'mailto:a'])(
  '%s is neither',
  (OBJECT_STORE) => {
    expect(faultsOf({ ...folder, OBJECT_STORE })).toEqual({
      OBJECT_STORE: expect.stringContaining('must be a folder'),
    })
  },
)

test('development needs neither, and serves files on its own port', () => {
  expect(readObjectStoreSettings(development)).toEqual({
    kind: 'folder',
    folder: expect.stringMatching(/\/\.local\/files$/),
    url: 'http://127.0.0.1:4000/files',
  })
  expect(readObjectStoreSettings({ ...development, PORT: '4100' })).toMatchObject({
    url: 'http://127.0.0.1:4100/files',
  })
})

test('production says what to set: a store, and where the public finds the files of a folder', () => {
  expect(faultsOf({})).toEqual({ OBJECT_STORE: expect.stringContaining('set it to a bucket') })
  expect(faultsOf({ OBJECT_STORE: '/srv/podium' })).toEqual({
    FILES_URL: expect.stringContaining('the public address of /files'),
  })
  expect(faultsOf({ ...folder, FILES_URL: 'http://podium.example/files' })).toEqual({
    FILES_URL: expect.stringContaining('is not https'),
  })
  expect(faultsOf({ ...folder, FILES_URL: 'http://localhost:4000/files' })).toEqual({})
  expect(faultsOf(bucket)).toEqual({})
})

test.each(['files', 'ftp://files.example', 'https://files.example/?a', 'https://files.example/#a'])(
  'files are not served at %s',
  (FILES_URL) => {
    expect(Object.keys(faultsOf({ ...folder, FILES_URL }))).toEqual(['FILES_URL'])
  },
)

test('addresses are put together without doubled slashes', () => {
  expect(readObjectStoreSettings({ ...folder, FILES_URL: 'https://podium.example/files/' })).toMatchObject({
    url: 'https://podium.example/files',
  })
  const env = { ...bucket, AWS_ENDPOINT_URL_S3: 'http://minio:9000/', FILES_URL: 'https://cdn.example/' }
  expect(readObjectStoreSettings(env)).toMatchObject({
    endpoint: 'http://minio:9000',
    url: 'https://cdn.example',
  })
})

test('a bucket has a region, and both halves of its credentials or those of the machine', () => {
  expect(faultsOf({ OBJECT_STORE: 's3://pictures' })).toEqual({ AWS_REGION: 'is missing' })
  expect(readObjectStoreSettings(bucket)).toMatchObject({ region: 'eu-west-1', credentials: null, url: null })
  expect(faultsOf({ ...bucket, AWS_ACCESS_KEY_ID: 'key' })).toEqual({
    AWS_SECRET_ACCESS_KEY: expect.stringContaining('is missing'),
  })
  const env = {
    ...bucket,
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'token',
  }
  expect(readObjectStoreSettings(env)).toMatchObject({
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'token' },
  })
})
