import { existsSync } from 'node:fs'

const needed = [
  ['../node_modules/@apollo/server', 'npm ci'],
  ['gateway/node_modules/@graphql-hive/gateway', 'npm ci --prefix bench/gateway'],
] as const

/**
 * Runs a bench with the options of the command line. Its modules are loaded late: what they import may not be installed. Whatever
 * it started ends with this process.
 */
export async function run<Options>(bench: {
  options: () => Promise<{ readOptions(args: string[]): Options; usage: string }>
  bench: () => Promise<{ runBench(options: Options): Promise<void> }>
}): Promise<void> {
  const missing = needed.filter(([folder]) => !existsSync(new URL(folder, import.meta.url)))
  if (missing.length > 0) {
    console.error(`Not everything is installed yet: ${missing.map(([, command]) => command).join(' && ')}`)
    process.exit(1)
  }
  const { readOptions, usage } = await bench.options()
  const { runBench } = await bench.bench()
  const { killAll } = await import('./programs.ts')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => process.exit(130))
  }
  process.on('exit', killAll)
  await runBench(optionsOrExit())

  function optionsOrExit(): Options {
    try {
      return readOptions(process.argv.slice(2))
    } catch (error) {
      console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`)
      process.exit(2)
    }
  }
}
