import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildSchema, GraphQLError, Source } from 'graphql'
import { allowing, readAllowances } from './allowances.ts'
import { CONTRACT, DECISIONS, defaultBase, namedBase } from './base.ts'
import { type ContractChange, contractChanges } from './changes.ts'

const usage = `Usage: npm run schema:diff [-- --base REVISION_OR_FILE]
Tells what partners gain and lose by the contract of this checkout (${CONTRACT}), compared with that of a commit or a file; by
default with that of where this branch left the main one, or the one before the latest change. It fails where something breaks
partners that docs/decisions.md does not allow.`

const checkout = join(import.meta.dirname, '..', '..')

try {
  process.exitCode = await run()
} catch (error) {
  console.error(error instanceof GraphQLError ? `${error}` : error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function run(): Promise<number> {
  const name = readArguments()
  const read = (file: string) => readFileSync(join(checkout, file), 'utf8')
  const current = read(CONTRACT)
  // npm runs a script in the repository, wherever it was called.
  const folder = process.env.INIT_CWD ?? process.cwd()
  const base = name ? namedBase(checkout, { name, folder }) : defaultBase(checkout, current)
  const { allowances, faults } = readAllowances(read(DECISIONS), base)
  for (const fault of faults) console.error(fault)
  if ('missing' in base) {
    console.log(`There is nothing to compare ${CONTRACT} with: ${base.missing}.`)
    return faults.length > 0 ? 1 : 0
  }
  const today = new Date().toISOString().slice(0, 10)
  const [before, after] = [new Source(base.sdl, base.name), new Source(current, CONTRACT)]
  const changes = await contractChanges(buildSchema(before), buildSchema(after), { today, allowances })
  console.log(`${CONTRACT}, compared with that of ${base.name}:`)
  const forbidden = changes.filter(({ effect, allowedBy }) => effect === 'breaks' && !allowedBy)
  tell('BREAKING: partners break', changes, 'breaks')
  tell('DANGEROUS: partners may break', changes, 'may break')
  tell('New', changes, 'new')
  if (changes.length === 0) console.log('Nothing changes for partners.')
  if (forbidden.length > 0) {
    console.error('\nThis is not allowed. Lines of docs/decisions.md that would allow it:\n')
    for (const change of forbidden) console.error(allowing(change, today))
  }
  return forbidden.length + faults.length > 0 ? 1 : 0
}

function tell(title: string, changes: readonly ContractChange[], effect: ContractChange['effect']): void {
  const told = changes.filter((change) => change.effect === effect)
  if (told.length === 0) return
  console.log(`\n${title}`)
  for (const { coordinate, sentence, allowedBy } of told) {
    const allowance = effect === 'breaks' && allowedBy ? ` Allowed: ${allowedBy}.` : ''
    console.log(`  ${coordinate}: ${sentence}${allowance}`)
  }
}

function readArguments(): string | undefined {
  try {
    return parseArgs({ options: { base: { type: 'string' } } }).values.base
  } catch {
    throw new Error(usage)
  }
}
