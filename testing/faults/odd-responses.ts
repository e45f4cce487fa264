import type { TestedFault } from './tested-fault.ts'

/** Well-formed responses of Spotify and requests that are wrong or that a store cannot take. */
export const ODD_RESPONSES: TestedFault[] = [
  {
    fault:
      'Any value of an item is odd: U+0000, half a character, 1e400, the year 0, 5,000 levels deep, another type …',
    outcome:
      'That value reads as U+FFFD or null, or the item is rejected and counted by reason. Its neighbors arrive unchanged.',
    file: 'lib/streams/odd-values.test.ts',
    test: 'an odd value costs at most its item, and the item is counted by its reason',
  },
  {
    fault: 'Rows with such values',
    outcome: 'DuckDB and Snowflake hold them as they are.',
    file: 'lib/streams/odd-values.test.ts',
    test: 'rows with odd values are loaded, and read back as they are',
  },
  {
    fault: 'U+0000 in the URI of a play',
    outcome:
      'All plays arrive, with U+FFFD in that one. The landed response keeps what came, and a rebuild gives the same rows.',
    file: 'lib/sync/odd-values.integration.test.ts',
    test: 'a play with U+0000 in its URI and name is kept, and so are the others',
  },
  {
    fault: 'U+0000 in the name or version of a playlist, or a name of 1 MB',
    outcome: 'The playlist is kept with its songs; the name is cut.',
    file: 'lib/sync/odd-values.integration.test.ts',
    test: 'a playlist with U+0000 in its name and version, or a name of 1 MB, is kept with its songs',
  },
  {
    fault: 'An id of 100 kB, or a text where a playlist should be',
    outcome: 'Rejected and counted as "no id" and "item in an unexpected format".',
    file: 'lib/sync/odd-values.integration.test.ts',
    test: 'an id that no index can hold, and an item that is none, are rejected and counted by reason',
  },
  {
    fault: 'A total beyond 32 bits, or times beyond what stores can hold',
    outcome: 'They read as missing; the songs arrive.',
    file: 'lib/sync/odd-values.integration.test.ts',
    test: 'liked songs with %s arrive',
  },
  {
    fault: 'A link or picture with `javascript:`, `data:`, `http:` or another scheme than https',
    outcome: 'It reads as missing: neither tables nor pages get it.',
    file: 'lib/sync/odd-values.integration.test.ts',
    test: 'a link or picture that is not https reaches neither tables nor charts',
  },
  {
    fault: 'Such a link in a table of an older version, or of a Snowflake that others write to',
    outcome: 'Charts leave it out.',
    file: 'lib/charts/link.test.ts',
    test: '%j, in a row of an older version or of somebody else, becomes null',
  },
  {
    fault: 'A profile with a picture without address, U+0000 in its name, or other odd fields',
    outcome: 'Sign-in works; what cannot be used counts as not sent.',
    file: 'lib/accounts/odd-profiles.integration.test.ts',
    test: 'a listener with %s can sign in',
  },
  {
    fault: 'A profile with an account id at one sign-in and none, or an empty one, at another',
    outcome: 'The same listener, with all data.',
    file: 'lib/accounts/odd-profiles.integration.test.ts',
    test: 'a listener is recognized when Spotify sends an account id only once: %j, then %j',
  },
  {
    fault: 'Tokens with an odd lifetime, or with characters that no header can hold',
    outcome: 'Valid for an hour, or refused as a response that makes no sense.',
    file: 'lib/spotify/accounts.test.ts',
    test: 'a token that expires in %s seconds counts as valid for an hour',
  },
  {
    fault: 'U+0000 in a message of a warehouse, webhook or library',
    outcome: 'Stored with U+FFFD in its place, so the problem is recorded and sent.',
    file: 'lib/ops/storable.integration.test.ts',
    test: 'text that Postgres cannot hold is stored with U+FFFD in its place',
  },
  {
    fault: 'A song that is on a list twice',
    outcome: 'Stored once; the page of the sync counts the duplicate.',
    file: 'lib/sync/odd-values.integration.test.ts',
    test: 'a song that is on the list twice is stored once and counted as a duplicate',
  },
  {
    fault: 'A function of Inngest fails, or its SDK reports an error',
    outcome: 'The log has the message, stack and cause, and no secrets.',
    file: 'inngest/client.test.ts',
    test: 'has the error that a function failed with, its stack and its cause',
  },
  {
    fault: 'A request with U+0000 or another control character, encoded in its path, query or cookies',
    outcome: '400 before Next, pages or next-auth see it.',
    file: 'scripts/refuse-odd-requests.test.ts',
    test: 'a request with an encoded control character gets 400 before anything sees it: %s %j',
  },
  {
    fault: 'Control characters, half a character or 30,000 levels in any parameter, query or body of the API',
    outcome: '400 that names the field.',
    file: 'app/api/odd-requests.integration.test.ts',
    test: '%s refuses texts that no store can hold, wherever they stand',
  },
  {
    fault: 'Values of another type in any field of a body: 1e400, beyond 2^53, null, `__proto__`',
    outcome: 'A 4xx response.',
    file: 'app/api/odd-requests.integration.test.ts',
    test: '%s never fails for an odd value of another type',
  },
  {
    fault: 'Odd session cookies, and strangers who send such texts',
    outcome: 'A 4xx response.',
    file: 'app/api/odd-requests.integration.test.ts',
    test: '%s never fails for an odd cookie or an odd text from a stranger',
  },
]
