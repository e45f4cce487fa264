import type { TestedFault } from './tested-fault.ts'

const SANDBOX = 'lib/warehouse/duckdb/sandbox.test.ts'
const SNAPSHOT = 'lib/warehouse/duckdb/snapshot.test.ts'
const SLOTS = 'lib/sql/slots.test.ts'
const QUERIES = 'lib/sql/sql.integration.test.ts'

/** What SQL that a listener types can try. */
export const QUERY_FAULTS: TestedFault[] = [
  {
    fault: 'A query that would run for days',
    outcome: 'It is stopped after 10 seconds, and says so.',
    file: SANDBOX,
    test: '%s is stopped',
  },
  {
    fault: 'A query that nothing interrupts',
    outcome: 'Its process is killed 2 seconds later.',
    file: SANDBOX,
    test: '75 natural joins, which nothing interrupts, are killed',
  },
  {
    fault: 'A query that fills the memory, which DuckDB’s own limit doesn’t prevent',
    outcome: 'Its process ends at 400 MB, and says so.',
    file: SANDBOX,
    test: '%s takes too much memory',
  },
  {
    fault: 'Any of these while others use the instance',
    outcome: 'Charts and other people’s queries respond.',
    file: QUERIES,
    test: 'a query sees what charts see, and pages respond while another one is killed',
  },
  {
    fault: 'Statements that write, read files, load extensions or change settings',
    outcome: 'They are refused in DuckDB’s words.',
    file: SANDBOX,
    test: '%s is refused',
  },
  {
    fault: '60,000 nested parentheses',
    outcome: 'They are refused; nothing crashes.',
    file: SANDBOX,
    test: '60,000 characters of "%s" are refused',
  },
  {
    fault: 'A result with 40 billion rows, 10,000 columns or texts without end',
    outcome: 'It is cut off at its limits, and says so.',
    file: SANDBOX,
    test: 'a huge result ends at its limits',
  },
  {
    fault: 'SQL in the value of a parameter',
    outcome: 'It stays a value.',
    file: SANDBOX,
    test: 'parameters are bound as the type that the query needs, never pasted',
  },
  {
    fault: 'The web process is killed during a query',
    outcome: 'The query’s process ends too.',
    file: SANDBOX,
    test: 'a query ends with the process that started it',
  },
  {
    fault: 'Many queries at once',
    outcome:
      'One of a listener and two of the instance run; others wait up to 10 seconds and are then told to try again.',
    file: SLOTS,
    test: 'one query of a listener and two of the instance run at a time',
  },
  {
    fault: 'The page is closed or the query canceled',
    outcome: 'Its process is killed, and the next query runs.',
    file: SLOTS,
    test: 'cancelling ends all queries of a listener, and leaving ends one; their slots go on',
  },
  {
    fault: 'The account is deleted during a query',
    outcome: 'The query ends; its snapshot, its history and saved queries go with the account.',
    file: QUERIES,
    test: 'deleting the account ends its queries and takes everything with it',
  },
  {
    fault: 'Code that copies a warehouse in the process that holds it, which drops its lock',
    outcome: 'A child process copies it; afterwards another process still can’t open the live file.',
    file: SNAPSHOT,
    test: 'a snapshot has every row, and the live file stays locked',
  },
]
