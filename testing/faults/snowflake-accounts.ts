import type { TestedFault } from './tested-fault.ts'

const PARAMETERS = 'testing/snowflake/account-parameters.test.ts'
const CHECK = 'lib/warehouse/snowflake/check/check.test.ts'
const SLOW = 'lib/load/connection/slow-account.integration.test.ts'
const SCRIPTS = 'testing/snowflake/scripts.test.ts'
const ACCOUNT = 'lib/warehouse/snowflake/setup/account.test.ts'
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
    fault: 'the account does not let a session set one of the parameters',
    outcome: 'the others are set; nothing is different if its value is the needed one anyway',
    file: PARAMETERS,
    test: 'the others are set, and nothing is different if its value is ours anyway',
  },
  {
    fault: 'such a parameter has another value',
    outcome: 'nothing is loaded; the remedy is the statement that an admin of the account runs',
    file: PARAMETERS,
    test: 'nothing is loaded with another value, and the remedy works',
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
  {
    fault: 'the warehouse takes too long to start while a connection is tested',
    outcome: 'its check is unconfirmed, everything else is checked, and the connection can be saved',
    file: CHECK,
    test: 'a warehouse that takes too long to start is unconfirmed, and everything else is checked',
  },
  {
    fault: 'creating the test table takes too long',
    outcome: 'it is dropped all the same',
    file: CHECK,
    test: 'a table whose creation is not confirmed is dropped, and nothing is written into it',
  },
  {
    fault: 'the account has no credits or is not paid when its connection is saved',
    outcome: 'it is saved, the load waits and loads everything once the account runs again',
    file: SLOW,
    test: 'an account whose warehouse is paused can be saved, and is loaded when it runs again',
  },
  {
    fault: 'the account refuses something when its connection is saved',
    outcome: 'nothing is saved; the check says what was refused',
    file: SLOW,
    test: 'an account that refuses is not saved',
  },
  {
    fault: 'a check takes long',
    outcome: 'the page shows the results so far',
    file: SLOW,
    test: 'the results so far can be seen while a check runs',
  },
  {
    fault: 'the user of the setup script exists already',
    outcome: 'its key and defaults stay; the result of the script names it',
    file: SCRIPTS,
    test: 'leaves the key and the defaults of a user that exists',
  },
  {
    fault: 'the warehouse exists already, with a resource monitor',
    outcome: 'both stay as they are; the result names the warehouse',
    file: SCRIPTS,
    test: 'leaves the resource monitor and the settings of a warehouse that exists',
  },
  {
    fault: 'the setup script runs again with another credit limit',
    outcome: 'the limit of its own monitor changes',
    file: SCRIPTS,
    test: 'changes the credit limit of its own warehouse when it runs again',
  },
  {
    fault: 'a resource monitor with our name belongs to others',
    outcome: 'it stays, and is named',
    file: SCRIPTS,
    test: 'leaves another monitor on its own warehouse, and a monitor of its name that hangs elsewhere',
  },
  {
    fault: 'the drop script finds objects of others under our names',
    outcome: 'they stay, and are named',
    file: SCRIPTS,
    test: 'leaves what others made, and names it',
  },
  {
    fault: 'the drop script finds objects of another installation',
    outcome: 'they stay, and are named',
    file: SCRIPTS,
    test: 'leaves what another installation made',
  },
  {
    fault: 'a schema of ours holds a table of others',
    outcome: 'our tables are dropped; the table and the schema stay, and are named',
    file: SCRIPTS,
    test: 'leaves a schema that holds a table of others, and drops our tables in it',
  },
  {
    fault: 'a schema of ours holds a stage, function, task or the like of others',
    outcome: 'it stays, and is named',
    file: SCRIPTS,
    test: 'leaves a schema that holds %s of others',
  },
  {
    fault: 'a table of others that BI tools may read is in our schema',
    outcome: 'the role that loads cannot read it: the reader role belongs to SYSADMIN',
    file: SCRIPTS,
    test: 'a table of others that BI tools may read stays out of reach of the role that loads',
  },
  {
    fault: 'the account ignores the case of names when a script runs',
    outcome: 'the script turns that off first',
    file: SCRIPTS,
    test: 'works in an account that ignores the case of quoted names',
  },
  {
    fault:
      'the account is pasted as a legacy locator, a government region, an address of JDBC or Snowsight, or with invisible characters',
    outcome: 'it is understood, and the form shows how',
    file: ACCOUNT,
    test: '%s is %s',
  },
  {
    fault: 'the account contains a character that none can have',
    outcome: 'the form names the character, with its code if it looks like another',
    file: ACCOUNT,
    test: '%j: the problem is named',
  },
  {
    fault: 'the account is of a kind that we do not know',
    outcome: 'the form offers to use it as typed, as a host of Snowflake',
    file: ACCOUNT,
    test: '%s may be an account that we do not know, and can be used as typed',
  },
]
