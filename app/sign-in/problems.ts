import type { SignInProblem } from '#lib/api/lists.ts'

interface Explanation {
  title: string
  cause: string
  remedy: string
}

/** Why a sign-in through the operator's app failed, by the code in ?problem=. */
const PROBLEMS: Record<SignInProblem, Explanation> = {
  refused: {
    title: 'You didn’t give your consent',
    cause: 'Spotify asked whether Tracklake may read your listening data, and you declined.',
    remedy: 'Nothing was saved. Sign in again if you change your mind.',
  },
  'not-registered': {
    title: 'Spotify doesn’t know you as a user of this app',
    cause: 'A Spotify app in development mode only admits people on its user list.',
    remedy:
      'Ask the operator to add you in Spotify’s developer dashboard, under the app’s User Management, with the email address of your Spotify account. Or bring your own Spotify app: use an invite from an admin, or Connections if you’re signed in somewhere.',
  },
  'premium-lapsed': {
    title: 'The operator’s Spotify Premium has lapsed',
    cause: 'A Spotify app in development mode only works while its owner has Premium.',
    remedy: 'Ask the operator to renew it. Your data stays, and syncing resumes afterwards.',
  },
  'wrong-secret': {
    title: 'Spotify rejects this app’s client secret',
    cause: 'The client ID and client secret of the Spotify app don’t match, or the secret was replaced.',
    remedy: 'Ask the operator to enter the current secret on /setup, or in SPOTIFY_CLIENT_SECRET.',
  },
  'expired-state': {
    title: 'Your sign-in expired',
    cause: 'It took longer than 15 minutes, or cookies are blocked.',
    remedy: 'Sign in again from this page within 15 minutes, with cookies allowed.',
  },
  'being-deleted': {
    title: 'Your account is being deleted',
    cause: 'You chose "Delete account", and a load in progress has to finish first.',
    remedy: 'Wait a few minutes. Then you can sign in again and start fresh.',
  },
  'other-account': {
    title: 'That’s a different Spotify account',
    cause: 'You agreed with another account on Spotify’s page, so nothing was confirmed or changed.',
    remedy: 'Confirm again, and press "Not you?" on Spotify’s page to choose the account you use here.',
  },
  'invite-needed': {
    title: 'New listeners need an invite',
    cause: 'This Spotify account isn’t known on this installation.',
    remedy: 'Ask an admin for an invite, open its link and sign in from there.',
  },
  'invite-over': {
    title: 'This invite has expired',
    cause: 'Its time is up, it was used up or revoked, or part of the link is missing.',
    remedy: 'Ask the sender for a new one.',
  },
  suspended: {
    title: 'Your account is suspended',
    cause: 'An admin of this installation suspended it: nothing is synced, and you can’t sign in.',
    remedy: 'Your data stays. Ask an admin to lift the suspension.',
  },
  'not-your-app': {
    title: 'This Spotify app belongs to someone else',
    cause: 'You signed in through another listener’s app, which this Spotify account doesn’t use here.',
    remedy: 'Sign in again to use the operator’s app, or set up your own Spotify app.',
  },
  'unknown-app': {
    title: 'Unknown Spotify app',
    cause: 'No app with this client ID was entered on this installation, or it is no longer used.',
    remedy: 'Check the client ID, or open your invite and enter ID and secret there.',
  },
  'sign-ups-closed': {
    title: 'Sign-ups are closed',
    cause: 'This installation doesn’t accept new listeners.',
    remedy: 'Ask the operator to set SIGN_UPS to open or invite, then sign in again.',
  },
  'spotify-unavailable': {
    title: 'Spotify isn’t responding',
    cause: 'Spotify didn’t respond in time, or returned an error.',
    remedy: 'Wait a few minutes and sign in again.',
  },
  'too-many-sign-ins': {
    title: 'Too many sign-ins',
    cause: 'Your network sent too many sign-ins within a minute.',
    remedy: 'Wait a minute and sign in again.',
  },
  unknown: {
    title: 'Sign-in failed',
    cause: 'Something unexpected went wrong.',
    remedy: 'Sign in again. If it keeps failing, the operator can find the reason in the app’s log.',
  },
}

/** The same for a listener's own app, which they can fix themselves. */
const OWN_APP_PROBLEMS: Partial<Record<SignInProblem, Explanation>> = {
  'not-registered': {
    title: 'You’re not a user of your own Spotify app',
    cause: 'A Spotify app in development mode only admits people on its user list, and that goes for its owner too.',
    remedy:
      'Add yourself in Spotify’s developer dashboard, under the app’s User Management, with the email address of your Spotify account. It takes effect after a few minutes.',
  },
  'premium-lapsed': {
    title: 'The Spotify Premium behind your own app has lapsed',
    cause: 'A Spotify app in development mode only works while its owner has Premium.',
    remedy: 'Renew it. It can take a few hours to count. Your data stays.',
  },
  'wrong-secret': {
    title: 'Spotify rejects your own app’s client secret',
    cause: 'The secret was replaced in the developer dashboard, or the app was deleted there.',
    remedy:
      'If you’re still signed in somewhere, enter ID and secret again under Connections, Your own Spotify app. If not, ask an admin for an invite and enter them there.',
  },
}

/** The same for a confirmation, while a form waits in another tab. */
const CONFIRMATION_PROBLEMS: Partial<Record<SignInProblem, Explanation>> = {
  refused: {
    title: 'Not confirmed',
    cause: 'You pressed Cancel on Spotify’s page.',
    remedy: 'Nothing has changed, and your form is still open in the other tab.',
  },
  'expired-state': {
    title: 'This confirmation expired',
    cause: 'It took longer than 15 minutes, cookies are blocked, or you signed out in the meantime.',
    remedy: 'Confirm again. Your form is still open in the other tab.',
  },
  'too-many-sign-ins': {
    title: 'Too many sign-ins',
    cause: 'There were too many sign-ins from your network within a minute, so nothing was confirmed.',
    remedy: 'Wait a minute and confirm again. Your form is still open in the other tab.',
  },
  unknown: {
    title: 'The confirmation failed',
    cause: 'Something unexpected went wrong, so nothing was confirmed.',
    remedy: 'Try again. If it keeps failing, the operator can find the reason in the app’s log.',
  },
}

/** Why a confirmation failed, by the code in ?problem=. */
export function confirmationProblem(code: string | undefined, isOwnApp: boolean): Explanation | null {
  if (!code) return null
  return (isKnown(code) ? CONFIRMATION_PROBLEMS[code] : undefined) ?? signInProblem(code, isOwnApp)
}

/** @param isOwnApp true for a sign-in through the listener's own app */
export function signInProblem(code: string | undefined, isOwnApp: boolean): Explanation | null {
  if (!code) return null
  const known = isKnown(code) ? code : 'unknown'
  return (isOwnApp ? OWN_APP_PROBLEMS[known] : undefined) ?? PROBLEMS[known]
}

function isKnown(code: string): code is SignInProblem {
  return Object.hasOwn(PROBLEMS, code)
}
