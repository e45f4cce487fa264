/** An account as it is saved and shown, with its host; or what is wrong with the input. */
export type NormalizedAccount =
  | { ok: true; account: string; host: string; note?: string }
  | { ok: false; problem: string }

const SUFFIX = /\.snowflakecomputing\.(com|cn)$/
const ORGANIZATION_ACCOUNT = /^[a-z][a-z0-9]*-[a-z0-9_][a-z0-9_-]*$/
const ORGANIZATION_DOT_ACCOUNT = /^([a-z][a-z0-9]*)\.([a-z0-9_]+)$/
const LOCATOR = /^[a-z][a-z0-9]*[0-9][a-z0-9]*$/
// Account names contain no hyphen, regions always do.
const REGION = /^[a-z0-9]+(-[a-z0-9]+)+$/
const CLOUDS = ['aws', 'azure', 'gcp']

const WHERE_TO_FIND =
  'Snowflake shows it under your name at the bottom left: Account, View account details, Account identifier.'

/**
 * Accepts every form of an account that people paste: `org-account`, `org.account`, `locator.region.cloud`, an address of
 * the account, a page copied from Snowsight. The host follows from the account and always belongs to Snowflake.
 */
export function normalizeAccount(text: string): NormalizedAccount {
  const typed = text
    .trim()
    .replace(/^["'<]+|["'>]+$/g, '')
    .toLowerCase()
  if (typed === '') return problem(`Enter the account identifier. ${WHERE_TO_FIND}`)
  if (typed.includes('privatelink'))
    return problem('Private link addresses only work inside your own network. Use the public account identifier.')
  const page = /^(?:https?:\/\/)?app\.snowflake\.(?:com|cn)(?:\/([^?#]*))?/.exec(typed)
  if (page) return fromPage(page[1] ?? '')
  const host = /^(?:https?:\/\/)?([^/?#:]+)(?::\d+)?(?:[/?#].*)?$/.exec(typed)?.[1] ?? ''
  const suffix = SUFFIX.exec(host)
  if (/[/:?#]/.test(typed) && !suffix) return problem(`This isn't the address of a Snowflake account. ${WHERE_TO_FIND}`)
  return fromName(host.replace(SUFFIX, ''), suffix?.[1] === 'cn')
}

/** `app.snowflake.com/ORG/ACCOUNT/…`, or `app.snowflake.com/region/locator/…` in the older form. */
function fromPage(path: string): NormalizedAccount {
  const [first = '', second = ''] = path.split('/')
  if (!first || !second) return problem(`This page's address doesn't contain an account. ${WHERE_TO_FIND}`)
  const [region = '', cloud] = first.split('.')
  const isRegion = REGION.test(region)
  return fromName(isRegion ? [second, region, cloud].filter(Boolean).join('.') : `${first}-${second}`, false)
}

function fromName(name: string, china: boolean): NormalizedAccount {
  if (ORGANIZATION_ACCOUNT.test(name)) return found(name, china)
  const dotted = ORGANIZATION_DOT_ACCOUNT.exec(name)
  if (dotted) return found(`${dotted[1]}-${dotted[2]}`, china)
  const [locator = '', region, cloud, ...more] = name.split('.')
  if (!LOCATOR.test(locator) || more.length > 0) return unreadable(name)
  if (region === undefined) return found(locator, china, LOCATOR_ALONE)
  if (!REGION.test(region)) return unreadable(name)
  if (cloud !== undefined && !CLOUDS.includes(cloud))
    return problem(`Snowflake has no cloud "${cloud}": the part after the region is aws, azure or gcp.`)
  return found(name, china)
}

const LOCATOR_ALONE =
  'A locator without a region means AWS US West (Oregon). For other regions, add them: xy12345.eu-central-1.aws'

function found(name: string, china: boolean, note?: string): NormalizedAccount {
  const inChina = china || name.includes('.cn-')
  // A name with an underscore has two addresses, but certificates only cover the one with a hyphen.
  const host = `${name.replaceAll('_', '-')}.snowflakecomputing.${inChina ? 'cn' : 'com'}`
  // Only an organization in China needs the suffix to be told apart from others.
  const account = (china && !name.includes('.cn-') ? `${name}.snowflakecomputing.cn` : name).toUpperCase()
  return { ok: true, account, host, ...(note && { note }) }
}

/** The account without the suffix that only the host needs. */
export function bareAccount(account: string): string {
  return account.replace(/\.snowflakecomputing\.(com|cn)$/i, '')
}

function unreadable(name: string): NormalizedAccount {
  const bad = /[^a-z0-9._-]/.exec(name)?.[0]
  if (bad) return problem(`Account identifiers can't contain "${bad}". ${WHERE_TO_FIND}`)
  return problem(`"${name}" is missing its organization or region, as in myorg-myaccount. ${WHERE_TO_FIND}`)
}

function problem(text: string): NormalizedAccount {
  return { ok: false, problem: text }
}
