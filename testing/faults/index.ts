import { IMPORTS } from './imports.ts'
import { MACHINES } from './machines.ts'
import { ODD_RESPONSES } from './odd-responses.ts'
import { QUERY_FAULTS } from './queries.ts'
import { S3 } from './s3.ts'
import { SNOWFLAKE_ACCOUNTS } from './snowflake-accounts.ts'
import { STRANGERS } from './strangers.ts'
import type { TestedFault } from './tested-fault.ts'

/** The tables of docs/faults.md beside the matrix of sync faults, by the name of their part. */
export const TESTED_FAULTS: Record<string, TestedFault[]> = {
  'faults of responses and requests': ODD_RESPONSES,
  'faults of machines and settings': MACHINES,
  'faults of imports': IMPORTS,
  'faults of S3': S3,
  'faults of queries': QUERY_FAULTS,
  'faults of strangers': STRANGERS,
  'faults of Snowflake accounts': SNOWFLAKE_ACCOUNTS,
}
