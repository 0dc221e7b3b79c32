// The transform that reads TypeScript as Node does: types are erased, modules stay modules.
const swc = [
  '@swc/jest',
  { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
]

export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': swc },
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/.local/', '/bench/'],
  modulePathIgnorePatterns: ['/.local/'],
  globalSetup: './test/support/global-setup.ts',
  globalTeardown: './test/support/global-teardown.ts',
  testTimeout: 60_000, // ms
  // Modules of a test file that has run stay in memory: all of them together need more than Node takes.
  workerIdleMemoryLimit: '1GB',
}
