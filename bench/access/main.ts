import { killAll } from '../programs.ts'
import { machine } from '../versions.ts'
import { openBench } from './bench.ts'
import { tellBombs } from './bombs.ts'
import { tellPrice } from './price.ts'

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
process.on('exit', killAll)

const [only] = process.argv.slice(2)
if (only !== undefined && only !== 'price' && only !== 'bombs')
  throw new Error(`${only} is neither price nor bombs`)
const bench = await openBench()
console.log(machine())
if (only !== 'bombs') await tellPrice(bench)
if (only !== 'price' && !(await tellBombs(bench))) process.exitCode = 1
killAll()
