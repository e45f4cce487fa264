import { ATTEMPT_MS } from '#lib/accounts/sign-in-attempt.ts'
import { DAY } from '#lib/core/clock.ts'
import { appUrl, settings } from '#lib/core/config.ts'

/** The lifetime of a consent. */
const APP_COOKIE_SECONDS = (180 * DAY) / 1000

/** Demo and real mode have their own cookie names, so that a session of one mode is never used in the other. */
export function cookieName(name: string): string {
  const secure = appUrl().startsWith('https://') ? '__Secure-' : ''
  return `${secure}tracklake-${settings().TRACKLAKE_MODE}.${name}`
}

/** Name and flags of a cookie for next-auth. @param maxAge in seconds; without it the cookie ends with the session */
export function cookie(name: string, maxAge?: number) {
  const secure = appUrl().startsWith('https://')
  return {
    name: cookieName(name),
    options: { httpOnly: true, sameSite: 'lax' as const, path: '/', secure, ...(maxAge ? { maxAge } : {}) },
  }
}

/** Remembers which Spotify app the current sign-in attempt goes through. */
export const attemptCookie = () => cookie('attempt', ATTEMPT_MS / 1000)

/** Remembers which Spotify app this browser signed in through last. */
export const appCookie = () => cookie('app', APP_COOKIE_SECONDS)
