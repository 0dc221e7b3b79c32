import { defineConfig } from 'drizzle-kit'

// One subgraph at a time: `npm run migration -- <subgraph>` writes what its tables.ts changed into its migrations/.
const name = process.env.SUBGRAPH

export default defineConfig({
  dialect: 'postgresql',
  schema: `./subgraphs/${name}/tables.ts`,
  out: `./subgraphs/${name}/migrations`,
})
