import type { TestedFault } from './tested-fault.ts'

/** What goes wrong with buckets, and with files that other programs put into the landing zone. */
export const S3: TestedFault[] = [
  {
    fault:
      'A bucket that does not exist or belongs to somebody else, another region, a wrong or expired key, a missing permission, a full store, a server that is away',
    outcome: 'The work waits, and the message says what to do.',
    file: 'lib/s3/bucket.test.ts',
    test: '$name: the work waits, and the remedy says why',
  },
  {
    fault: 'The bucket of the landing zone is busy, or refuses the key, for a long time',
    outcome: 'The sync waits with the reason and continues where it stopped.',
    file: 'lib/sync/landing-s3.integration.test.ts',
    test: 'a bucket that responds with %s for long fails no sync',
  },
  {
    fault: 'A clock that is 20 minutes off',
    outcome: 'Requests to S3 are repeated with its time.',
    file: 'lib/s3/bucket.test.ts',
    test: 'a clock that is 20 minutes off does not matter',
  },
  {
    fault: 'A connection that is cut within a request or response',
    outcome: 'It is tried again, and waits if it is always cut.',
    file: 'lib/s3/bucket.test.ts',
    test: 'a busy server and a cut connection are tried again',
  },
  {
    fault: 'The response to a conditional write gets lost',
    outcome: 'The repeated request recognizes its own object.',
    file: 'lib/s3/bucket.test.ts',
    test: 'a conditional write whose response got lost recognizes itself, and nobody else',
  },
  {
    fault: 'Another program replaces a landed page',
    outcome: 'It is not loaded, and the stream is read again.',
    file: 'lib/sync/landing-s3.integration.test.ts',
    test: 'a page that another program has replaced is not loaded; it is read again',
  },
  {
    fault: 'A crash between copying objects and deleting them',
    outcome: 'The next move completes it.',
    file: 'lib/landing/s3.test.ts',
    test: 'a move that ended between its copies and its deletion is completed by the next one',
  },
  {
    fault: 'A bucket that keeps versions, when an account is deleted',
    outcome: 'The versions are deleted and counted in the receipt.',
    file: 'lib/sync/landing-s3.integration.test.ts',
    test: 'a listener is synced, packed, rebuilt and deleted, with everything that a versioned bucket keeps',
  },
  {
    fault: 'An Object Lock, or a key that may not delete versions',
    outcome: 'The deletion stays open, and the log says what is missing.',
    file: 'lib/s3/bucket.test.ts',
    test: 'versions that cannot be deleted are reported with what would help',
  },
  {
    fault: 'A crash after files of other programs were imported, and another file put at the same path',
    outcome: 'Each is imported once.',
    file: 'lib/imports/arrivals.integration.test.ts',
    test: 'a crash before files were moved imports nothing twice, and a changed file at the same path is another one',
  },
  {
    fault: 'Files for an unknown listener, or larger than 500 MB',
    outcome: 'They are moved away, and the admins or the listener get a message.',
    file: 'lib/imports/arrivals.integration.test.ts',
    test: 'files of nobody and files that are too large are moved away, and those who can help are notified',
  },
]
