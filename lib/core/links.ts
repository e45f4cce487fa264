const MAX_LENGTH = 2_048

/**
 * Whether pages may link to an address or show its picture: https, or http on the host of the Web API, which is how the
 * simulated Spotify serves its pictures. Any other scheme, such as javascript:, is refused.
 * @param apiUrl root of the Web API
 */
export function isSafeLink(text: string, apiUrl: string): boolean {
  // Without the slashes, browsers resolve the address against the page's own.
  const url = text.length <= MAX_LENGTH && /^https?:\/\//i.test(text) ? URL.parse(text) : null
  if (!url || url.username || url.password) return false
  if (url.protocol === 'https:') return true
  const api = new URL(apiUrl)
  return url.protocol === api.protocol && url.hostname === api.hostname
}
