import { ATTEMPT_MS } from '#lib/accounts/sign-in-attempt.ts'
import { DAY } from '#lib/core/clock.ts'
import { appUrl, settings } from '#lib/core/config.ts'

/** The lifetime of a consent. */
const APP_COOKIE_SECONDS = (180 * DAY) / 1000

/** How long a session lasts after the sign-in. */
export const SESSION_SECONDS = (30 * DAY) / 1000

const isHttps = () => appUrl().startsWith('https://')

/** Demo and real mode have their own cookie names, so that a session of one mode is never used in the other. */
const plainName = (name: string) => `tracklake-${settings().TRACKLAKE_MODE}.${name}`

/**
 * On https, browsers accept a `__Host-` cookie only from this host, not from other hosts of its domain. Without https
 * they reject the prefix.
 */
export function cookieName(name: string): string {
  return isHttps() ? `__Host-${plainName(name)}` : plainName(name)
}

/** The name in earlier versions, which other hosts of the domain can set; null if it was the same. */
export function formerCookieName(name: string): string | null {
  return isHttps() ? `__Secure-${plainName(name)}` : null
}

/** Name and flags of a cookie for next-auth. @param maxAge in seconds; without it the cookie ends with the session */
export function cookie(name: string, maxAge?: number) {
  return {
    name: cookieName(name),
    options: { httpOnly: true, sameSite: 'lax' as const, path: '/', secure: isHttps(), ...(maxAge ? { maxAge } : {}) },
  }
}

/** Remembers which Spotify app the current sign-in attempt goes through. */
export const attemptCookie = () => cookie('attempt', ATTEMPT_MS / 1000)

/** Remembers which Spotify app this browser signed in through last. */
export const appCookie = () => cookie('app', APP_COOKIE_SECONDS)
