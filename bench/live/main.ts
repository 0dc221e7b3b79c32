import { run } from '../run.ts'

await run({ options: () => import('./options.ts'), bench: () => import('./bench.ts') })
