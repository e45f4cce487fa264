import type { TestedFault } from './tested-fault.ts'

const PARAMETERS = 'testing/snowflake/account-parameters.test.ts'
const WAREHOUSE_USE = 'testing/snowflake/warehouse-use.test.ts'

/** Snowflake accounts as their admins have configured them, and objects there that are not ours. */
export const SNOWFLAKE_ACCOUNTS: TestedFault[] = [
  {
    fault: 'the account has AUTOCOMMIT = FALSE, or another default that changes what sessions do',
    outcome: 'every session sets what its statements rely on; the same rows are loaded',
    file: PARAMETERS,
    test: 'loads the same where the account has %s = %s',
  },
  {
    fault: 'the user has such defaults',
    outcome: 'the same rows are loaded',
    file: PARAMETERS,
    test: 'loads the same where the user has all of them',
  },
  {
    fault: 'the account ignores the case of quoted names',
    outcome: 'names that differ in case only stay apart',
    file: PARAMETERS,
    test: 'names that differ in case only stay apart where the account ignores case',
  },
  {
    fault: 'the account gives new columns a collation that ignores case',
    outcome: 'our tables have none, so ids that differ in case only are two rows',
    file: PARAMETERS,
    test: 'tables compare ids exactly where the account gives new columns a collation',
  },
  {
    fault: 'the session ends before its parameters are set',
    outcome: 'the next attempt signs in again',
    file: PARAMETERS,
    test: 'a session that ends while it gets ready is opened again',
  },
  {
    fault: 'looking up tables would start the warehouse',
    outcome: 'SHOW lists them for free, once per session; only what the account bills is counted as cost',
    file: WAREHOUSE_USE,
    test: 'exactly the statements that the account bills count as work of the warehouse',
  },
  {
    fault: 'the catalog returns too much data (090030)',
    outcome: 'the load waits five minutes',
    file: 'lib/warehouse/snowflake/driver/failures.test.ts',
    test: 'a catalog that is too large to list is tried again',
  },
  {
    fault: 'the schema has more columns than Snowflake lists',
    outcome: 'each table is looked up alone',
    file: WAREHOUSE_USE,
    test: 'with more columns than Snowflake lists: each table is looked up alone',
  },
  {
    fault: 'a table of somebody else that has one of our names and is not listed',
    outcome: 'the load stops with the name; the table is not touched',
    file: WAREHOUSE_USE,
    test: 'with a table of our name that the list lacks: it is never touched',
  },
  {
    fault: 'another session adds a column at the same time',
    outcome: 'the table is looked up again and only the rest is added',
    file: WAREHOUSE_USE,
    test: 'a column that another session added meanwhile is found, and the rest is added',
  },
  {
    fault: 'a file of another read, whose name starts alike, was left on the stage',
    outcome: 'it is not loaded',
    file: WAREHOUSE_USE,
    test: 'a file is copied from its own folder, not from one whose name starts alike',
  },
]
