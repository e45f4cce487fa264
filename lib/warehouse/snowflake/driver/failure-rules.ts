import type { CheckName } from '#lib/warehouse/snowflake/connection.ts'

/** What an error means, found by its code or a part of its text: codes vary, and texts may be translated. */
export interface Rule {
  codes?: string[]
  pattern?: RegExp
  /** Only during a sign-in, or only during a statement. */
  during?: 'sign-in' | 'statement'
  /** `needs you`, the default: a person must fix it, so it is not retried automatically. `stop`: a bug in Tracklake. */
  recovery?: 'needs you' | 'stop' | 'retry' | { minutes: number | 'a day' }
  check?: CheckName | undefined
  message: string
  /** Whether to add Snowflake's own message, which names the object. */
  addsMessage?: true
  remedy: string
  /** The session can no longer be used. */
  endsSession?: true
}

const GRANT_REMEDY = 'Run the setup script again as ACCOUNTADMIN; it is safe to repeat.'
const NOTHING_TO_DO = 'Nothing to do. Tracklake tries again.'
const OUR_MISTAKE = 'This is a bug in Tracklake: report it with the code and the run.'

/** Sign-ins that Snowflake refuses. Never retried, because five failures lock the user for 15 minutes. */
const SIGN_IN: Rule[] = [
  {
    codes: ['404045', '404007', '404009', '404043'],
    check: 'address',
    message: 'The account identifier is not valid',
    remedy: 'Copy it from Snowflake: Account, View account details.',
  },
  {
    codes: ['404026', 'ERR_OSSL_UNSUPPORTED', 'ERR_OSSL_BAD_DECRYPT', 'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED'],
    pattern: /DECODER routines|bad decrypt/i,
    message: "The private key can't be read",
    remedy: 'Paste the private key and its passphrase again, or use the key pair that Tracklake generates.',
  },
  {
    codes: ['404003', '404005', '404001', '404011'],
    message: 'The user or the secret is missing',
    remedy: 'Fill in the form again.',
  },
  {
    codes: ['390102'],
    pattern: /temporarily locked|locked due to too many failed/i,
    recovery: { minutes: 15 },
    message: 'The user is locked after too many failed sign-ins',
    remedy: 'Correct the secret, then wait 15 minutes or unlock the user: ALTER USER <user> SET MINS_TO_UNLOCK = 0.',
  },
  {
    codes: ['394300', '394301', '394302', '394304', '394305', '394307', '394508', '394509', '394511', '394512'],
    pattern: /multi-?factor authentication|MFA authentication is required|Duo Security|enroll(ed)? in MFA/i,
    message: "Snowflake requires a second factor for this user, which an unattended load can't provide",
    remedy: 'Use the key pair: run the setup script, which creates a user of TYPE = SERVICE.',
  },
  {
    codes: ['390101'],
    pattern: /User access disabled|user .{0,300}is disabled/i,
    message: 'The user is disabled',
    remedy: 'Enable it: ALTER USER <user> SET DISABLED = FALSE.',
  },
  {
    codes: ['390106'],
    pattern: /password has expired/i,
    message: 'The password has expired',
    remedy: 'Set a new password and enter it here, or better, use the key pair.',
  },
  {
    codes: ['390144'],
    pattern: /JWT token is invalid/i,
    message: "Snowflake doesn't accept the key pair",
    remedy:
      'Compare the fingerprint with RSA_PUBLIC_KEY_FP in DESC USER. If they differ, run the script with the public key from this page. Also check account, user and the clock of this server.',
  },
  {
    codes: ['394400'],
    pattern: /programmatic access token is (invalid|expired)|PAT_INVALID/i,
    message: 'The access token is wrong or has expired',
    remedy: "Create a new token in Snowflake and enter it here. Tokens can't be extended.",
  },
  {
    codes: ['390432'],
    pattern: /Network policy is required/i,
    message: 'Snowflake accepts access tokens only from users with a network policy',
    remedy: 'Give the user a network policy that allows this server, or use the key pair, which needs none.',
  },
  {
    codes: ['390420', '390422'],
    pattern: /Incoming request with IP.{0,200}not allowed|IP.{0,100}is not allowed to access/i,
    message: "The account's network policy doesn't allow this server",
    addsMessage: true,
    remedy: 'Add the IP address of this server to ALLOWED_IP_LIST of the network policy.',
  },
  {
    codes: ['390139', '390137', '390202'],
    pattern: /AUTHENTICATOR_NOT_SUPPORTED|authentication policy|authenticator is not (accepted|supported)/i,
    during: 'sign-in',
    message: "The account doesn't allow this sign-in method",
    remedy: 'Add KEYPAIR (or PROGRAMMATIC_ACCESS_TOKEN) to AUTHENTICATION_METHODS of the authentication policy.',
  },
  {
    codes: ['390303', '390318'],
    pattern: /OAuth access token/i,
    message: 'The OAuth token is invalid or has expired',
    remedy: 'Use the key pair or a programmatic access token.',
  },
  {
    codes: ['390189', '390186'],
    pattern: /Role '.{0,300}' specified in the connect string/i,
    during: 'sign-in',
    check: 'role',
    message: "The role doesn't exist or isn't granted to the user",
    addsMessage: true,
    remedy: 'Grant it: GRANT ROLE <role> TO USER <user>.',
  },
  {
    codes: ['390100'],
    pattern: /Incorrect username or password/i,
    message: 'The user or the secret is wrong',
    remedy: 'Check user and secret. Users of TYPE = SERVICE have no password: use the key pair.',
  },
]

const ROUTE: Rule[] = [
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'],
    recovery: { minutes: 5 },
    message: "The account's address can't be found",
    remedy: "Check the account identifier and its region. If they are right, this server can't resolve host names.",
  },
  {
    codes: ['ERR_TLS_CERT_ALTNAME_INVALID'],
    message: 'The certificate belongs to a different address',
    remedy: 'Check the account identifier. Dots and underscores are common causes.',
  },
  {
    codes: [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_HAS_EXPIRED',
      'CERT_NOT_YET_VALID',
      'CERT_UNTRUSTED',
    ],
    message: "The certificate isn't trusted: something between this server and Snowflake intercepts the connection",
    remedy: 'Exclude Snowflake from the proxy, or set NODE_EXTRA_CA_CERTS to its certificate. Check the clock too.',
  },
  {
    codes: ['407', 'ERR_PROXY_CONNECTION_FAILED'],
    pattern: /proxy authentication|proxy (connect|connection) (failed|refused|ended|response)/i,
    message: "This network's proxy refuses the connection",
    remedy: 'Set HTTPS_PROXY with the right address, user and password, or NO_PROXY for Snowflake.',
  },
  {
    codes: ['390104', '390111', '390112', '390114', '390195', '407002', '401003', '405501'],
    pattern: /session no longer exists|Session gone|session (token )?is invalid/i,
    recovery: 'retry',
    check: undefined,
    message: 'The session with Snowflake ended',
    remedy: NOTHING_TO_DO,
    endsSession: true,
  },
  {
    codes: ['403', '404'],
    message: 'Snowflake has no such account in this region',
    remedy: 'Check the account identifier: a locator needs its region, as in xy12345.eu-central-1.aws.',
  },
  {
    codes: ['401001'],
    recovery: { minutes: 5 },
    message: "Snowflake couldn't be reached",
    remedy: 'Check that this server can reach Snowflake on port 443. Tracklake tries again.',
  },
  {
    codes: ['401002'],
    recovery: { minutes: 5 },
    message: 'Snowflake is busy or down for maintenance',
    remedy: 'Nothing to do. Tracklake tries again; see status.snowflake.com for details.',
  },
]

const STATEMENT: Rule[] = [
  {
    pattern: /resource monitor .{0,300}(exceeded|quota)|exceeded its quota/i,
    recovery: { minutes: 'a day' },
    check: 'warehouse',
    message: 'The resource monitor stopped the warehouse: its quota is used up',
    remedy: 'Wait for its next period, or raise its CREDIT_QUOTA. Loads resume automatically.',
  },
  {
    codes: ['000666'],
    pattern: /account is suspended|lack of payment|trial .{0,100}(has )?(ended|expired)/i,
    recovery: { minutes: 'a day' },
    check: 'warehouse',
    message: 'The account is suspended: the trial ended or a payment is missing',
    remedy: 'Add a payment method in Snowflake. Loads resume automatically.',
  },
  {
    pattern: /warehouse .{0,300}(is|was) suspended|cannot be resumed/i,
    check: 'warehouse',
    message: "The warehouse is suspended and doesn't resume automatically",
    remedy: 'ALTER WAREHOUSE <warehouse> SET AUTO_RESUME = TRUE.',
  },
  {
    codes: ['000606'],
    pattern: /No active warehouse selected/i,
    check: 'warehouse',
    message: "The warehouse doesn't exist, or the role can't use it",
    remedy: 'Check its name, and GRANT USAGE ON WAREHOUSE <warehouse> TO ROLE <role>.',
  },
  {
    codes: ['003001'],
    pattern: /Insufficient privileges to operate on warehouse/i,
    message: 'The role is missing a privilege',
    addsMessage: true,
    remedy: GRANT_REMEDY,
  },
  {
    pattern: /Database '.{0,300}' does not exist/i,
    check: 'database',
    message: "The database doesn't exist, or the role can't use it",
    addsMessage: true,
    remedy: GRANT_REMEDY,
  },
  {
    pattern: /Schema '.{0,600}' does not exist/i,
    check: 'schema',
    message: "The schema doesn't exist, or the role can't use it",
    addsMessage: true,
    remedy: GRANT_REMEDY,
  },
  {
    codes: ['002003', '002043', '090105', '090106'],
    message: "An object doesn't exist, or the role can't use it",
    addsMessage: true,
    remedy: GRANT_REMEDY,
  },
  {
    // From INFORMATION_SCHEMA queries on accounts with many objects; resolves within a few minutes
    // (https://github.com/transferwise/pipelinewise-target-snowflake/pull/67).
    codes: ['090030'],
    pattern: /Information schema query returned too much data/i,
    recovery: { minutes: 5 },
    message: 'The account has too many objects for Snowflake to list right now',
    remedy: NOTHING_TO_DO,
  },
  {
    codes: ['002002'],
    check: 'schema',
    message: 'The schema already contains something else with this name',
    addsMessage: true,
    remedy: 'Rename or move it, or use another schema for Tracklake.',
  },
  {
    codes: ['000630', '000604'],
    pattern: /SQL execution cancel+ed|reached its statement .{0,40}timeout/i,
    recovery: 'retry',
    message: 'Snowflake canceled the statement',
    remedy: NOTHING_TO_DO,
  },
  {
    codes: ['000625', '000628'],
    pattern: /has locked table|lock(ed)? .{0,200}(timeout|timed out)/i,
    recovery: 'retry',
    message: 'Another session has locked the table',
    remedy: NOTHING_TO_DO,
  },
  {
    codes: ['100069', '100082', '100078'],
    recovery: 'stop',
    message: 'A value is too large for Snowflake or is not valid JSON',
    remedy: OUR_MISTAKE,
  },
  {
    codes: ['100090'],
    recovery: 'stop',
    message: 'A merge got two rows with the same key',
    remedy: OUR_MISTAKE,
  },
  {
    codes: ['000008'],
    pattern: /statement count .{0,40}did not match/i,
    recovery: 'stop',
    message: 'Only single statements are allowed',
    remedy: 'Use a single SELECT.',
  },
  {
    codes: ['001003', '000904', '000939', '002140', '002141', '001007', '001044', '000979'],
    pattern: /SQL compilation error/i,
    recovery: 'stop',
    message: "Snowflake can't run this SQL",
    addsMessage: true,
    remedy: 'Correct the SQL; the log shows where the error is.',
  },
]

/** In the order in which they are tried. */
export const RULES: Rule[] = [
  ...SIGN_IN.map((rule): Rule => ({ check: 'sign-in', ...rule })),
  ...ROUTE.map((rule): Rule => ({ check: 'address', ...rule })),
  ...STATEMENT,
]
