import { DuckDBInstance } from '@duckdb/node-api'

// Another process that works on a warehouse file: holds it until its standard input ends.
const instance = await DuckDBInstance.create(process.argv[2] ?? '')
process.stdout.write('held\n')
process.stdin.resume().on('close', () => {
  instance.closeSync()
  process.exit(0)
})
