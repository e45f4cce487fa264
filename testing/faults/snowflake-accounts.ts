import type { TestedFault } from './tested-fault.ts'

const PARAMETERS = 'testing/snowflake/account-parameters.test.ts'
const CHECK = 'lib/warehouse/snowflake/check/check.test.ts'
const SLOW = 'lib/load/connection/slow-account.integration.test.ts'
const SCRIPTS = 'testing/snowflake/scripts.test.ts'
const ACCOUNT = 'lib/warehouse/snowflake/setup/account.test.ts'
const WAREHOUSE_USE = 'testing/snowflake/warehouse-use.test.ts'

/** Unusual configurations of Snowflake accounts, and objects that are not ours. */
export const SNOWFLAKE_ACCOUNTS: TestedFault[] = [
  {
    fault: 'The account has AUTOCOMMIT = FALSE, or another default that changes how sessions behave',
    outcome: 'Every session sets what its statements rely on; the same rows are loaded.',
    file: PARAMETERS,
    test: 'loads the same rows when the account sets %s = %s',
  },
  {
    fault: 'The user has such defaults',
    outcome: 'The same rows are loaded.',
    file: PARAMETERS,
    test: 'loads the same rows when the user sets all of them',
  },
  {
    fault: 'The account ignores the case of quoted names',
    outcome: 'Names that differ only in case stay distinct.',
    file: PARAMETERS,
    test: 'keeps names distinct that differ only in case when the account ignores case',
  },
  {
    fault: 'The account gives new columns a collation that ignores case',
    outcome: 'Our tables have no collation, so ids that differ only in case stay separate rows.',
    file: PARAMETERS,
    test: 'compares ids exactly when the account gives new columns a collation',
  },
  {
    fault: 'The session ends before its parameters are set',
    outcome: 'The next attempt signs in again.',
    file: PARAMETERS,
    test: 'reopens a session that ends before it is ready',
  },
  {
    fault: 'The account does not let a session set one of the parameters',
    outcome: 'The others are set; nothing is different if its value is the needed one anyway.',
    file: PARAMETERS,
    test: 'the others are set, and nothing is different if its value is ours anyway',
  },
  {
    fault: 'Such a parameter has another value',
    outcome: 'Nothing is loaded; the remedy is the statement that an admin of the account runs.',
    file: PARAMETERS,
    test: 'nothing is loaded with another value, and the remedy works',
  },
  {
    fault: 'Looking up tables would start the warehouse',
    outcome: 'SHOW lists them for free, once per session; only what the account bills is counted as cost.',
    file: WAREHOUSE_USE,
    test: 'counts exactly the billed statements as warehouse work',
  },
  {
    fault: 'The catalog returns too much data (090030)',
    outcome: 'The load waits five minutes.',
    file: 'lib/warehouse/snowflake/driver/failures.test.ts',
    test: 'retries a catalog that is too large to list',
  },
  {
    fault: 'The schema has more columns than Snowflake lists',
    outcome: 'Each table is looked up separately.',
    file: WAREHOUSE_USE,
    test: 'looks up each table separately if the schema has more columns than Snowflake lists',
  },
  {
    fault: 'Someone else’s table has one of our names and is not listed',
    outcome: 'The load stops and reports the name; the table is not touched.',
    file: WAREHOUSE_USE,
    test: 'never touches an unlisted table that has one of our names',
  },
  {
    fault: 'Another session adds a column at the same time',
    outcome: 'The table is looked up again and only the rest is added.',
    file: WAREHOUSE_USE,
    test: 'finds a column that another session just added, and adds the rest',
  },
  {
    fault: 'The stage still has a file of another read whose name starts the same',
    outcome: 'It is not loaded.',
    file: WAREHOUSE_USE,
    test: 'copies a file from its own folder, not from one whose name starts the same',
  },
  {
    fault: 'The warehouse takes too long to start while a connection is tested',
    outcome: 'The warehouse check is unconfirmed, all others run, and the connection can be saved.',
    file: CHECK,
    test: 'marks a warehouse that starts too slowly as unconfirmed, and still runs the other checks',
  },
  {
    fault: 'Creating the test table takes too long',
    outcome: 'It is dropped anyway.',
    file: CHECK,
    test: 'drops a table whose creation is unconfirmed, without writing into it',
  },
  {
    fault: 'The account has no credits or is not paid when its connection is saved',
    outcome: 'It is saved; the load waits and loads everything once the account works again.',
    file: SLOW,
    test: 'saves an account whose warehouse is paused, and loads it once it runs again',
  },
  {
    fault: 'The account refuses something when its connection is saved',
    outcome: 'Nothing is saved; the check says what was refused.',
    file: SLOW,
    test: 'does not save an account that refuses something',
  },
  {
    fault: 'A check takes long',
    outcome: 'The page shows the results so far.',
    file: SLOW,
    test: 'shows the results so far while a check runs',
  },
  {
    fault: 'The user of the setup script exists already',
    outcome: 'Its key and defaults stay; the script’s result lists it.',
    file: SCRIPTS,
    test: 'keeps the key and defaults of an existing user',
  },
  {
    fault: 'The warehouse exists already, with a resource monitor',
    outcome: 'Both stay unchanged; the result lists the warehouse.',
    file: SCRIPTS,
    test: 'keeps the resource monitor and settings of an existing warehouse',
  },
  {
    fault: 'The setup script runs again with another credit limit',
    outcome: 'The limit of its own monitor changes.',
    file: SCRIPTS,
    test: 'changes the credit limit of its own warehouse when it runs again',
  },
  {
    fault: 'Someone else’s resource monitor has our name',
    outcome: 'It stays; the result lists it.',
    file: SCRIPTS,
    test: 'keeps another monitor on its warehouse, and a monitor with its name on another warehouse',
  },
  {
    fault: 'The drop script finds other people’s objects under our names',
    outcome: 'They stay; the result lists them.',
    file: SCRIPTS,
    test: 'keeps objects that others created, and lists them',
  },
  {
    fault: 'The drop script finds objects of another installation',
    outcome: 'They stay; the result lists them.',
    file: SCRIPTS,
    test: 'keeps objects of another installation',
  },
  {
    fault: 'Our schema contains someone else’s table',
    outcome: 'Our tables are dropped; the other table and the schema stay, and the result lists them.',
    file: SCRIPTS,
    test: 'drops our tables but keeps a schema that contains someone else’s table',
  },
  {
    fault: 'Our schema contains someone else’s stage, function, task or similar object',
    outcome: 'It stays; the result lists it.',
    file: SCRIPTS,
    test: 'keeps a schema that contains someone else’s %s',
  },
  {
    fault: 'Our schema contains someone else’s table that BI tools may read',
    outcome: 'The role that loads can’t read it, because the reader role is granted to SYSADMIN.',
    file: SCRIPTS,
    test: 'the loading role cannot read someone else’s table that BI tools may read',
  },
  {
    fault: 'The account ignores the case of names when a script runs',
    outcome: 'The script turns that off first.',
    file: SCRIPTS,
    test: 'works in an account that ignores the case of quoted names',
  },
  {
    fault:
      'The account is pasted as a legacy locator, a government region, an address of JDBC or Snowsight, or with invisible characters',
    outcome: 'The form recognizes it and shows the account.',
    file: ACCOUNT,
    test: '%s is %s',
  },
  {
    fault: 'The account contains a character that isn’t allowed',
    outcome: 'The form shows the character, with its code if it looks like another.',
    file: ACCOUNT,
    test: 'explains the problem with %j',
  },
  {
    fault: 'The form doesn’t recognize the account',
    outcome: 'The form offers to use it as typed, as a Snowflake host.',
    file: ACCOUNT,
    test: 'offers to use the unrecognized account %s as typed',
  },
]
