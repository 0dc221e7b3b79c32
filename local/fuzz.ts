import { generateTypes } from './generate.ts'
import { runJest } from './jest.ts'

const [seconds = '300', seed = String(Math.floor(Math.random() * 2 ** 31))] = process.argv.slice(2)
if (![seconds, seed].every((text) => /^\d+$/.test(text)) || Number(seconds) < 1) {
  console.error('usage: npm run fuzz -- [seconds] [seed]')
  process.exit(2)
}
process.exitCode = generateTypes() || runJest(['test/fuzz'], { FUZZ_SECONDS: seconds, FUZZ_SEED: seed })
