import { openDatabase } from '../../platform/database.ts'
import { createLogger } from '../../platform/logger.ts'
import type { Role } from './roles.ts'
import { createUserStore } from './store.ts'

// An operator's command: the first administrator cannot be made by another one.
const [email, role] = process.argv.slice(2)
const url = process.env.DATABASE_URL
if (!url || !email || !['USER', 'AFFILIATE', 'ADMIN'].includes(role ?? '')) {
  if (!url) console.error('DATABASE_URL is missing.')
  console.error('Usage: npm run role -- EMAIL USER|AFFILIATE|ADMIN   (on the database at DATABASE_URL)')
  process.exit(2)
}

const database = openDatabase({ url, schema: 'users', logger: createLogger('warn') })
// Checked above.
const person = await createUserStore(database.db).setRole(email, role as Role, new Date())
await database.close()
if (!person) {
  console.error(`No account has the address ${email}.`)
  process.exit(1)
}
console.error(
  `${person.displayName} is ${role} now; it holds from the next token on, at most ten minutes from now.`,
)
