/** An account as it is saved and shown, with its host; or what is wrong with the input. */
export type NormalizedAccount =
  | { ok: true; account: string; host: string; note?: string }
  | {
      ok: false
      problem: string
      /** The address to enter instead, if Snowflake may accept this account although we don't recognize it. */
      asTyped?: string
    }

const SUFFIX = /\.snowflakecomputing\.(com|cn)$/
const PRIVATE_LINK = /\.privatelink$/
// Invisible characters in copied text: zero-width spaces, direction marks, soft hyphens, byte order marks.
const INVISIBLE = /[\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu
const DASHES = /[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/gu
const AROUND = /^[\s"'`<({[“”„‘’«»]+|[\s"'`>)}\]“”„‘’«»,;.]+$/gu

const WHERE_TO_FIND =
  'Snowflake shows it under your name at the bottom left: Account, View account details, Account identifier.'
const LOCATOR_ALONE =
  'A locator without a region means AWS US West (Oregon). For other regions, add them: xy12345.eu-central-1.aws'
const NO_REGION_NEEDED = 'The region was removed, because an organization and account name don’t need one.'
const INSIDE_ONLY = 'A private link only works from inside your own network.'

/**
 * Accepts every common spelling of an account (https://docs.snowflake.com/en/user-guide/admin-account-identifier):
 * `org-account`, `org.account`, `locator.region.cloud`, an address of the account, JDBC's, or of a page in Snowsight.
 * Anything else that looks like a host is accepted with Snowflake's suffix. The host is derived from the account and
 * always belongs to Snowflake.
 */
export function normalizeAccount(text: string): NormalizedAccount {
  const typed = cleaned(text)
  if (typed === '') return { ok: false, problem: `Enter the account identifier. ${WHERE_TO_FIND}` }
  const page = /^(?:https?:\/\/)?app\.snowflake\.(com|cn)(?:\/([^?#]*))?/.exec(typed)
  if (page) return fromPage(page[2] ?? '', page[1] === 'cn')
  const { isAddress, host } = hostOf(typed)
  const suffix = SUFFIX.exec(host)?.[1]
  if (isAddress && !suffix)
    return { ok: false, problem: `This isn't the address of a Snowflake account. ${WHERE_TO_FIND}` }
  return fromName(host.replace(SUFFIX, ''), suffix)
}

/** The account without the parts that only the host needs. */
export function bareAccount(account: string): string {
  return account.toLowerCase().replace(SUFFIX, '').replace(PRIVATE_LINK, '').toUpperCase()
}

function cleaned(text: string): string {
  return text
    .replaceAll(INVISIBLE, '')
    .replaceAll(DASHES, '-')
    .normalize('NFKC')
    .trim()
    .replaceAll(AROUND, '')
    .toLowerCase()
}

/** The host of an address. Any other text is treated as a name. */
function hostOf(typed: string): { isAddress: boolean; host: string } {
  // SQLAlchemy's format. The part before the @ may contain a password.
  const snowflake = /^snowflake:\/\/(?:[^/?#]*@)?([^/?#@:]+)/.exec(typed)?.[1]
  if (snowflake !== undefined) return { isAddress: false, host: snowflake }
  const address = /^(?:(?:jdbc:)?(?:https?|snowflake):\/\/)?([^/?#:@\s]+)(?::\d+)?(?:[/?#].*)?$/.exec(typed)
  const host = (address?.[1] ?? typed).replace(/\.$/, '')
  const isAddress = /^[a-z]+:/.test(typed)
  // `org-account/path` is not an address, so the error should point to the slash.
  return isAddress || SUFFIX.test(host) ? { isAddress, host } : { isAddress, host: typed }
}

/** `app.snowflake.com/ORG/ACCOUNT/…`, or `app.snowflake.com/region.cloud/locator/…` in the older form. */
function fromPage(path: string, isChina: boolean): NormalizedAccount {
  const [first = '', second = ''] = path.split('/')
  if (!first || !second)
    return { ok: false, problem: `The address of this page doesn't contain an account. ${WHERE_TO_FIND}` }
  return fromName(/[.-]/.test(first) ? `${second}.${first}` : `${first}-${second}`, isChina ? 'cn' : undefined)
}

// Names have no hyphens, except between organization and account; regions always have some.
const PART = '[a-z0-9_]+'
const REGION = '(?:[a-z]+\\.)?[a-z0-9]+(?:-[a-z0-9]+)+(?:\\.(?:aws|azure|gcp))?'
const ORGANIZATION_ACCOUNT = new RegExp(`^([a-z][a-z0-9]*-[a-z0-9_][a-z0-9_-]*)(\\.${REGION})?$`)
const ORGANIZATION_DOT_ACCOUNT = new RegExp(`^([a-z][a-z0-9]*)\\.(${PART})$`)
/** Government regions have an extra part in front: `ab12345.fhplus.us-gov-west-1.aws`. */
const LOCATOR_REGION = new RegExp(`^${PART}\\.(${REGION})$`)
const LOCATOR = /^[a-z][a-z0-9_]*[0-9][a-z0-9_]*$/
const HOST = /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*$/

/** @param suffix of the host, if the input had one */
function fromName(name: string, suffix: string | undefined): NormalizedAccount {
  const bad = /[^a-z0-9._-]/u.exec(name)?.[0]
  if (bad !== undefined)
    return { ok: false, problem: `Account identifiers can't contain ${nameOf(bad)}. ${WHERE_TO_FIND}` }
  const isPrivate = PRIVATE_LINK.test(name)
  const public_ = name.replace(PRIVATE_LINK, '')
  const link = isPrivate ? '.privatelink' : ''
  const notes = isPrivate ? [INSIDE_ONLY] : []

  const ofOrganization = ORGANIZATION_ACCOUNT.exec(public_)
  if (ofOrganization)
    return found(`${ofOrganization[1]}${link}`, suffix, [...notes, ...(ofOrganization[2] ? [NO_REGION_NEEDED] : [])])
  const dotted = ORGANIZATION_DOT_ACCOUNT.exec(public_)
  if (dotted) return found(`${dotted[1]}-${dotted[2]}${link}`, suffix, notes)
  if (LOCATOR_REGION.test(public_)) return found(name, suffix, notes)
  if (LOCATOR.test(public_)) return found(name, suffix, isPrivate ? notes : [LOCATOR_ALONE])
  if (!HOST.test(name)) return { ok: false, problem: `"${name}" isn't an account identifier. ${WHERE_TO_FIND}` }
  if (suffix) return asTyped(`${name}.snowflakecomputing.${suffix}`)
  return {
    ok: false,
    problem: `"${name}" is missing its organization or region, as in myorg-myaccount. ${WHERE_TO_FIND}`,
    asTyped: `${name}.snowflakecomputing.com`,
  }
}

function found(name: string, suffix: string | undefined, notes: string[]): NormalizedAccount {
  const isChina = suffix === 'cn' || name.includes('.cn-')
  // A name with an underscore has two hosts, but certificates only cover the one with a hyphen.
  const host = `${name.replaceAll('_', '-')}.snowflakecomputing.${isChina ? 'cn' : 'com'}`
  // Only organizations in China need the suffix, to distinguish them from others.
  const account = (suffix === 'cn' && !name.includes('.cn-') ? `${name}.snowflakecomputing.cn` : name).toUpperCase()
  return { ok: true, account, host, ...(notes.length > 0 && { note: notes.join(' ') }) }
}

/** A Snowflake address whose name we don't recognize. Keeps the suffix, so that it is parsed as an address again. */
function asTyped(host: string): NormalizedAccount {
  return { ok: true, account: host.toUpperCase(), host, note: 'Used as typed.' }
}

/** Describes a character so that people can find it, because letters of other alphabets look alike. */
function nameOf(character: string): string {
  if (/\s/u.test(character)) return 'spaces'
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  if (/\p{C}/u.test(character)) return `the invisible character ${code}`
  return /[\x21-\x7e]/.test(character) ? `"${character}"` : `"${character}" (${code})`
}
