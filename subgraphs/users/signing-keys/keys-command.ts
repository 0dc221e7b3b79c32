import { openDatabase } from '../../../platform/database.ts'
import { describeFailure } from '../../../platform/describe-error.ts'
import { createLogger } from '../../../platform/logger.ts'
import { keyStates } from './key-states.ts'
import { SealError } from './sealed-key.ts'
import { createSigningKeyStore } from './signing-key-store.ts'

const usage = 'Usage: npm run keys [-- list | rotate | revoke KID]   (on the database at DATABASE_URL)'

const [command = 'list', kid] = process.argv.slice(2)
const { DATABASE_URL: url, USERS_SECRET: secret = '' } = process.env
const isCommand = kid === undefined ? ['list', 'rotate'].includes(command) : command === 'revoke'
const needsSecret = command !== 'list'
if (!url || !isCommand || (needsSecret && !secret)) {
  if (!url) console.error('DATABASE_URL is missing.')
  if (needsSecret && !secret) console.error('USERS_SECRET, of the users subgraph, is missing.')
  console.error(usage)
  process.exit(2)
}

const database = openDatabase({ url, schema: 'users', logger: createLogger('warn') })
const store = createSigningKeyStore(database.db, secret)
const now = new Date()
try {
  if (command === 'list') await list()
  else if (kid === undefined) await rotate()
  else await revoke(kid)
} catch (error) {
  console.error(error instanceof SealError ? error.message : describeFailure(error))
  process.exitCode = 1
} finally {
  await database.close()
}

/** One JSON object a line, without what is secret. */
async function list(): Promise<void> {
  for (const { key, state } of keyStates(await store.all(), now)) {
    const { kid, createdAt, signsFrom } = key
    const { kind, ...until } = state
    console.log(JSON.stringify({ kid, state: kind, createdAt, signsFrom, ...until }))
  }
}

async function rotate(): Promise<void> {
  const next = await store.rotate(now)
  const from = (await store.all()).find((key) => key.kid === next)?.signsFrom
  console.error(`${next} is published, and signs from ${from?.toISOString()} on.`)
}

async function revoke(kid: string): Promise<void> {
  if (await store.revoke(kid, now)) {
    console.error(
      `${kid} is revoked. Gateways accept it for up to 5 minutes more: restart them to end it now.`,
    )
  } else {
    console.error(`There is no key ${kid}.`)
    process.exitCode = 1
  }
}
