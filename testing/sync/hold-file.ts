import { DuckDBInstance } from '@duckdb/node-api'

// Another process that has a warehouse file open, until its standard input ends.
const instance = await DuckDBInstance.create(process.argv[2] ?? '')
process.stdout.write('held\n')
process.stdin.resume().on('close', () => {
  instance.closeSync()
  process.exit(0)
})
