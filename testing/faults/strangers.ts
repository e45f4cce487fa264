import type { TestedFault } from './tested-fault.ts'

/** What strangers, other people of the instance and their requests can try. */
export const STRANGERS: TestedFault[] = [
  {
    fault: 'Somebody reads the sessions in the database',
    outcome: 'Only hashes are there, and a hash opens nothing.',
    file: 'app/api/auth/sessions.integration.test.ts',
    test: 'can’t be opened with a stolen hash',
  },
  {
    fault: 'Two web processes are upgraded in turn',
    outcome: 'The upgraded one opens sessions of both versions, and each start hashes stored tokens.',
    file: 'app/api/auth/sessions.integration.test.ts',
    test: 'of a web process of the earlier version goes on, and is hashed at the next start',
  },
  {
    fault: 'The database is from before tokens were hashed',
    outcome: 'The migration hashes them, and listeners stay signed in.',
    file: 'scripts/upgrade.integration.test.ts',
    test: 'hashes the tokens of sessions, which go on',
  },
  {
    fault: 'Another host of the domain plants a session cookie',
    outcome: 'It is ignored; cookies of before the upgrade get the new name.',
    file: 'app/api/auth/sessions.integration.test.ts',
    test: 'of before __Host- gets the new cookie, and other hosts can’t plant the former one',
  },
  {
    fault: 'Somebody uses a browser that was left signed in',
    outcome: 'Tokens, invites and warehouse secrets need a confirmation with Spotify (`403 confirm-sign-in`).',
    file: 'app/api/auth/sessions.integration.test.ts',
    test: 'needs a sign-in of the last 15 minutes, at every endpoint that declares it',
  },
  {
    fault: 'Another Spotify account confirms',
    outcome: 'Refused; sessions, consent and runs stay as they are.',
    file: 'app/api/auth/sessions.integration.test.ts',
    test: 'is not confirmed by another Spotify account',
  },
  {
    fault: 'A form with a secret waits for the confirmation',
    outcome: 'The secret stays in the form, not in an address or storage.',
    file: 'e2e/confirm.spec.ts',
    test: 'a secret that waits for a confirmation stays in the form and goes nowhere else',
  },
  {
    fault: 'Spotify is away when a listener wants to leave',
    outcome: 'Disconnecting and deleting need only the typed name.',
    file: 'app/api/auth/sessions.integration.test.ts',
    test: 'disconnecting and deleting need the typed name, not Spotify',
  },
  {
    fault: 'The Spotify app can’t be used when somebody wants to sign out',
    outcome: 'Signing out works.',
    file: 'app/api/auth/sessions.integration.test.ts',
    test: 'signing out works without a usable Spotify app',
  },
  {
    fault: 'A session id of another listener is signed out',
    outcome: '404; it stays signed in.',
    file: 'app/api/auth/sessions.integration.test.ts',
    test: 'hides the browsers of other listeners',
  },
  {
    fault: 'A response is framed, sniffed or opened over http',
    outcome: 'Headers on every response forbid it, also on redirects, errors and files.',
    file: 'e2e/headers.spec.ts',
    test: 'has the security headers',
  },
  {
    fault: 'The encryption key has to be replaced while tokens are refreshed',
    outcome: 'Refreshed tokens are kept, and the rest is encrypted with the new key.',
    file: 'lib/ops/reseal.integration.test.ts',
    test: 'a token that is refreshed meanwhile is kept, and the next refresh works',
  },
  {
    fault: '`npm run reseal` is killed',
    outcome: 'Every secret can be read with one of both keys; the next run finishes.',
    file: 'scripts/reseal.integration.test.ts',
    test: 'after kill -9 in the middle, every secret can be read, and the next run finishes',
  },
  {
    fault: '`npm run reseal` gets a key that the running instance doesn’t have',
    outcome: 'It changes nothing and says to restart first.',
    file: 'scripts/reseal.integration.test.ts',
    test: 'uses no key that the running instance doesn’t have',
  },
  {
    fault: 'A secret can’t be read while the key is replaced',
    outcome: 'Its row is named, it stays, the others go on.',
    file: 'scripts/reseal.integration.test.ts',
    test: 'names a secret that can’t be read, and what to do',
  },
  {
    fault: 'The key is replaced while the instance is stopped',
    outcome: 'The command starts the embedded database for that time.',
    file: 'scripts/reseal.integration.test.ts',
    test: 'works on the embedded database while the instance runs, and while it doesn’t',
  },
  {
    fault: 'Several deletions of one account at once',
    outcome: 'One gives the receipt, the others get 409, or 401 once the session is gone.',
    file: 'lib/accounts/erase.integration.test.ts',
    test: 'of several deletions at once, also by planning and an admin, one gives the receipt',
  },
  {
    fault: 'Two people who want to be the first listener at once',
    outcome: 'One becomes the admin; the other reads that an invite is needed.',
    file: 'lib/accounts/invites.integration.test.ts',
    test: 'of two first sign-ups at once, one succeeds and the other needs an invite',
  },
  {
    fault: 'A sign-up in two tabs at once',
    outcome: 'One listener, signed in in both.',
    file: 'lib/accounts/invites.integration.test.ts',
    test: 'somebody who signs up in two tabs at once is one listener',
  },
  {
    fault: 'A mail server on another machine that offers no encryption',
    outcome: 'Email is not sent, unless SMTP_TLS=off; an instance that sent some before goes on with a warning.',
    file: 'lib/notifications/notifications.integration.test.ts',
    test: 'email is not sent unencrypted to a server elsewhere, unless the operator allows it or it was used before',
  },
  {
    fault: 'A webhook to a port of another service',
    outcome: 'Refused: only 443 and 8443, or WEBHOOK_PORTS. A saved one goes on with a warning.',
    file: 'lib/notifications/notifications.integration.test.ts',
    test: 'a new webhook has an allowed port, and one that was saved before keeps working with a warning',
  },
  {
    fault: 'A new sealed column is forgotten when the key is replaced',
    outcome: 'It doesn’t compile, because only columns of the list can be sealed.',
    file: 'app/must-not-compile.test.tsx',
    test: 'a secret in a column that a change of the key would not reach',
  },
]
