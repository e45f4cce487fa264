import type { CheckName } from './connection.ts'

/** What stands behind an error, found by its code or by a fragment of its text: codes vary, texts are translated. */
export interface Rule {
  codes?: string[]
  says?: RegExp
  /** Only of a sign-in, or only of a statement. */
  attempted?: 'sign-in' | 'statement'
  /** `needs you`: a person must mend it, it is not tried again by itself. `stop`: a mistake in the program. */
  recovery: 'needs you' | 'stop' | 'retry' | { minutes: number | 'a day' }
  check?: CheckName
  message: string
  /** Whether what Snowflake said, which names the object, is added to the message. */
  quotes?: true
  remedy: string
  /** The session is of no further use. */
  session?: true
}

const GRANT_REMEDY = 'Run the statements of the setup script again as ACCOUNTADMIN; they can be repeated.'
const NOTHING = 'Nothing to do. It is tried again.'
const OUR_MISTAKE = 'This is a mistake in the program: tell the maintainers the code and the run.'

/** Sign-ins that Snowflake refuses: never tried again, because five wrong ones lock the user for 15 minutes. */
const SIGN_IN: Rule[] = [
  {
    codes: ['404045', '404007', '404009', '404043'],
    recovery: 'needs you',
    check: 'address',
    message: 'The account identifier is not valid',
    remedy: 'Copy it from Snowflake: Account, View account details.',
  },
  {
    codes: ['404026', 'ERR_OSSL_UNSUPPORTED', 'ERR_OSSL_BAD_DECRYPT', 'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED'],
    says: /DECODER routines|bad decrypt/i,
    recovery: 'needs you',
    check: 'sign-in',
    message: 'The private key cannot be read',
    remedy: 'Paste the private key and its passphrase again, or use the key pair that is made here.',
  },
  {
    codes: ['404003', '404005', '404001', '404011'],
    recovery: 'needs you',
    check: 'sign-in',
    message: 'The user or the secret is missing',
    remedy: 'Fill in the form again.',
  },
  {
    codes: ['390102'],
    says: /temporarily locked|locked due to too many failed/i,
    recovery: { minutes: 15 },
    check: 'sign-in',
    message: 'The user is locked after too many failed sign-ins',
    remedy: 'Wait 15 minutes, or unlock it: ALTER USER <user> SET MINS_TO_UNLOCK = 0. Correct the secret before.',
  },
  {
    codes: ['394300', '394301', '394302', '394304', '394305', '394307', '394508', '394509', '394511', '394512'],
    says: /multi-?factor authentication|MFA authentication is required|Duo Security|enroll(ed)? in MFA/i,
    recovery: 'needs you',
    check: 'sign-in',
    message: 'Snowflake demands a second factor of this user, which an unattended load cannot give',
    remedy: 'Use the key pair: run the setup script, which makes a user of TYPE = SERVICE.',
  },
  {
    codes: ['390101'],
    says: /User access disabled|user .{0,300}is disabled/i,
    recovery: 'needs you',
    check: 'sign-in',
    message: 'The user is disabled',
    remedy: 'Enable it: ALTER USER <user> SET DISABLED = FALSE.',
  },
  {
    codes: ['390106'],
    says: /password has expired/i,
    recovery: 'needs you',
    check: 'sign-in',
    message: 'The password has expired',
    remedy: 'Set a new one and type it here, or better use the key pair.',
  },
  {
    codes: ['390144'],
    says: /JWT token is invalid/i,
    recovery: 'needs you',
    check: 'sign-in',
    message: 'Snowflake does not accept the key pair',
    remedy:
      'Compare the fingerprint with RSA_PUBLIC_KEY_FP of DESC USER: run the script with the public key of this page. Also check account and user, and that the clock of this server is right.',
  },
  {
    codes: ['394400'],
    says: /programmatic access token is (invalid|expired)|PAT_INVALID/i,
    recovery: 'needs you',
    check: 'sign-in',
    message: 'The access token is wrong or has expired',
    remedy: 'Make a new token in Snowflake and type it here; a token cannot be prolonged.',
  },
  {
    codes: ['390432'],
    says: /Network policy is required/i,
    recovery: 'needs you',
    check: 'sign-in',
    message: 'Snowflake takes access tokens only from users with a network policy',
    remedy: 'Attach a network policy that admits this server to the user, or use the key pair, which needs none.',
  },
  {
    codes: ['390420', '390422'],
    says: /Incoming request with IP.{0,200}not allowed|IP.{0,100}is not allowed to access/i,
    recovery: 'needs you',
    check: 'sign-in',
    message: 'The network policy of the account does not admit this server',
    quotes: true,
    remedy: 'Add the address of this server to the ALLOWED_IP_LIST of the network policy.',
  },
  {
    codes: ['390139', '390137', '390202'],
    says: /AUTHENTICATOR_NOT_SUPPORTED|authentication policy|authenticator is not (accepted|supported)/i,
    attempted: 'sign-in',
    recovery: 'needs you',
    check: 'sign-in',
    message: 'The account does not allow this way to sign in',
    remedy: 'Add KEYPAIR (or PROGRAMMATIC_ACCESS_TOKEN) to AUTHENTICATION_METHODS of the authentication policy.',
  },
  {
    codes: ['390303', '390318'],
    says: /OAuth access token/i,
    recovery: 'needs you',
    check: 'sign-in',
    message: 'The OAuth token is invalid or has expired',
    remedy: 'Use the key pair or a programmatic access token.',
  },
  {
    codes: ['390189', '390186'],
    says: /Role '.{0,300}' specified in the connect string/i,
    attempted: 'sign-in',
    recovery: 'needs you',
    check: 'role',
    message: 'The role does not exist, or is not granted to the user',
    quotes: true,
    remedy: 'Grant it: GRANT ROLE <role> TO USER <user>.',
  },
  {
    codes: ['390100'],
    says: /Incorrect username or password/i,
    recovery: 'needs you',
    check: 'sign-in',
    message: 'Snowflake does not know this user with this secret',
    remedy: 'Check user and secret. Users of TYPE = SERVICE have no password: use the key pair.',
  },
]

const ROUTE: Rule[] = [
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'],
    recovery: { minutes: 5 },
    check: 'address',
    message: 'The address of the account is not known',
    remedy: 'Check the account identifier and its region; if it is right, this server cannot resolve names.',
  },
  {
    codes: ['ERR_TLS_CERT_ALTNAME_INVALID'],
    recovery: 'needs you',
    check: 'address',
    message: 'The certificate belongs to another address',
    remedy: 'Check the account identifier: dots and underscores often are the reason.',
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
    recovery: 'needs you',
    check: 'address',
    message: 'The certificate is not trusted: something between this server and Snowflake opens the connection',
    remedy:
      'Let the proxy pass Snowflake untouched, or name its certificate in NODE_EXTRA_CA_CERTS. Check the clock too.',
  },
  {
    codes: ['407', 'ERR_PROXY_CONNECTION_FAILED'],
    says: /proxy authentication|proxy (connect|connection) (failed|refused|ended|response)/i,
    recovery: 'needs you',
    check: 'address',
    message: 'The proxy of this network refuses the connection',
    remedy: 'Set HTTPS_PROXY with the right address, user and password, or NO_PROXY for Snowflake.',
  },
  {
    codes: ['390104', '390111', '390112', '390114', '390195', '407002', '401003', '405501'],
    says: /session no longer exists|Session gone|session (token )?is invalid/i,
    recovery: 'retry',
    message: 'The session with Snowflake ended',
    remedy: NOTHING,
    session: true,
  },
  {
    codes: ['403', '404'],
    recovery: 'needs you',
    check: 'address',
    message: 'Snowflake has no such account in this region',
    remedy: 'Check the account identifier: a locator needs its region, as in xy12345.eu-central-1.aws.',
  },
  {
    codes: ['401001'],
    recovery: { minutes: 5 },
    check: 'address',
    message: 'Snowflake could not be reached',
    remedy: 'Check that this server may reach Snowflake on port 443. It is tried again by itself.',
  },
  {
    codes: ['401002'],
    recovery: { minutes: 5 },
    check: 'address',
    message: 'Snowflake is busy or being repaired',
    remedy: 'Nothing to do. It is tried again by itself; status.snowflake.com tells more.',
  },
]

const STATEMENT: Rule[] = [
  {
    says: /resource monitor .{0,300}(exceeded|quota)|exceeded its quota/i,
    recovery: { minutes: 'a day' },
    check: 'warehouse',
    message: 'The resource monitor stopped the warehouse: its quota is used up',
    remedy: 'Wait for its next period, or raise its CREDIT_QUOTA. Loads go on by themselves.',
  },
  {
    codes: ['000666'],
    says: /account is suspended|lack of payment|trial .{0,100}(has )?(ended|expired)/i,
    recovery: { minutes: 'a day' },
    check: 'warehouse',
    message: 'The account is suspended: the trial ended or a payment is missing',
    remedy: 'Add a payment method in Snowflake. Loads go on by themselves.',
  },
  {
    says: /warehouse .{0,300}(is|was) suspended|cannot be resumed/i,
    recovery: 'needs you',
    check: 'warehouse',
    message: 'The warehouse is suspended and does not start by itself',
    remedy: 'ALTER WAREHOUSE <warehouse> SET AUTO_RESUME = TRUE.',
  },
  {
    codes: ['000606'],
    says: /No active warehouse selected/i,
    recovery: 'needs you',
    check: 'warehouse',
    message: 'The warehouse does not exist, or the role may not use it',
    remedy: 'Check its name, and GRANT USAGE ON WAREHOUSE <warehouse> TO ROLE <role>.',
  },
  {
    codes: ['003001'],
    says: /Insufficient privileges to operate on warehouse/i,
    recovery: 'needs you',
    message: 'The role lacks a privilege',
    quotes: true,
    remedy: GRANT_REMEDY,
  },
  {
    says: /Database '.{0,300}' does not exist/i,
    recovery: 'needs you',
    check: 'database',
    message: 'The database does not exist, or the role may not use it',
    quotes: true,
    remedy: GRANT_REMEDY,
  },
  {
    says: /Schema '.{0,600}' does not exist/i,
    recovery: 'needs you',
    check: 'schema',
    message: 'The schema does not exist, or the role may not use it',
    quotes: true,
    remedy: GRANT_REMEDY,
  },
  {
    codes: ['002003', '002043', '090105', '090106'],
    recovery: 'needs you',
    message: 'What is asked for does not exist, or the role may not use it',
    quotes: true,
    remedy: GRANT_REMEDY,
  },
  {
    codes: ['002002'],
    recovery: 'needs you',
    check: 'schema',
    message: 'The schema holds something else by this name',
    quotes: true,
    remedy: 'Rename it or move it to another schema, or use another schema for Tracklake.',
  },
  {
    codes: ['000630', '000604'],
    says: /SQL execution cancel+ed|reached its statement .{0,40}timeout/i,
    recovery: 'retry',
    message: 'Snowflake broke the statement off',
    remedy: NOTHING,
  },
  {
    codes: ['000625', '000628'],
    says: /has locked table|lock(ed)? .{0,200}(timeout|timed out)/i,
    recovery: 'retry',
    message: 'Another session works on the same table',
    remedy: NOTHING,
  },
  {
    codes: ['100069', '100082', '100078'],
    recovery: 'stop',
    message: 'A value is larger than Snowflake takes, or no JSON',
    remedy: OUR_MISTAKE,
  },
  {
    codes: ['100090'],
    recovery: 'stop',
    message: 'Two rows of one key met in a merge',
    remedy: OUR_MISTAKE,
  },
  {
    codes: ['000008'],
    says: /statement count .{0,40}did not match/i,
    recovery: 'stop',
    message: 'Only single statements are run',
    remedy: 'Ask with a single SELECT.',
  },
  {
    codes: ['001003', '000904', '000939', '002140', '002141', '001007', '001044', '000979'],
    says: /SQL compilation error/i,
    recovery: 'stop',
    message: 'Snowflake cannot run this SQL',
    quotes: true,
    remedy: 'Correct the SQL: the cause names the place.',
  },
]

/** In the order in which they are tried. */
export const RULES: Rule[] = [...SIGN_IN, ...ROUTE, ...STATEMENT]
