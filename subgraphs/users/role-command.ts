import { openDatabase } from '../../platform/database.ts'
import { describeFailure } from '../../platform/describe-error.ts'
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
try {
  // Checked above.
  const person = await createAdministration(database.db).setRoleByOperator(email, role as Role, new Date())
  const told = person
    ? `${person.displayName} is ${role} now; tokens from before end as soon as a users subgraph runs.`
    : `No account has the address ${email}.`
  console.error(told)
  if (!person) process.exitCode = 1
} catch (error) {
  console.error(describeFailure(error))
  process.exitCode = 1
} finally {
  await database.close()
}
