import { openDatabase } from './database.ts'
import { listDeadEvents, replayDeadEvents } from './dead-events.ts'
import { describeFailure } from './describe-error.ts'
import { createLogger } from './logger.ts'

const usage =
  'Usage: npm run events -- list | replay all | replay ID [ID …]   (on the database at DATABASE_URL)'

const [command, ...ids] = process.argv.slice(2)
const url = process.env.DATABASE_URL
const areIds =
  ids[0] === 'all' ? ids.length === 1 : ids.length > 0 && ids.every((id) => /^\d{1,18}$/.test(id))
if (!url || !(command === 'list' || (command === 'replay' && areIds))) {
  console.error(url ? usage : `DATABASE_URL is missing.\n${usage}`)
  process.exit(2)
}

const { pool, close } = openDatabase({ url, schema: 'events', logger: createLogger('warn') })
try {
  if (command === 'list') {
    const dead = await listDeadEvents(pool)
    for (const event of dead) console.log(JSON.stringify(event))
    console.error(`${dead.length} dead event${dead.length === 1 ? '' : 's'}.`)
  } else {
    const replayed = await replayDeadEvents(pool, ids[0] === 'all' ? 'all' : ids)
    console.error(`${replayed} event${replayed === 1 ? '' : 's'} will be tried again.`)
  }
} catch (error) {
  console.error(describeFailure(error))
  process.exitCode = 1
} finally {
  await close()
}
