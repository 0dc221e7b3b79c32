import { openDatabase } from '../../platform/database.ts'
import { createLogger } from '../../platform/logger.ts'
import { createAdministration } from './administration.ts'
import type { Role } from './roles.ts'

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
const person = await createAdministration(database.db).setRoleByOperator(email, role as Role, new Date())
await database.close()
if (!person) {
  console.error(`No account has the address ${email}.`)
  process.exit(1)
}
console.error(
  `${person.displayName} is ${role} now; tokens from before end as soon as a users subgraph runs.`,
)
