interface SignInProblem {
  title: string
  cause: string
  remedy: string
}

/** Why a sign-in through the operator's app did not succeed, by the word in ?problem=. */
const PROBLEMS: Record<string, SignInProblem> = {
  refused: {
    title: 'You did not give your consent',
    cause: 'Spotify asked whether Tracklake may read your listening data, and the answer was no.',
    remedy: 'Nothing was stored. Sign in again when you change your mind.',
  },
  'not-registered': {
    title: 'Spotify does not know you as a user of this app',
    cause: 'A Spotify app in development mode only lets in the people on its list of users.',
    remedy:
      'Ask the operator to add you: in Spotify’s developer dashboard, under the app’s User Management, with the e-mail address of your Spotify account. Or bring a Spotify app of your own: an admin’s invite, or Connections where you are signed in, leads to it.',
  },
  'premium-lapsed': {
    title: 'The operator’s Spotify Premium has lapsed',
    cause: 'Spotify only answers a development app while the owner of the app has Premium.',
    remedy: 'Ask the operator to renew it. Your data stays, and fetching goes on afterwards.',
  },
  'wrong-secret': {
    title: 'Spotify does not accept this app’s client secret',
    cause: 'The client id and client secret of the Spotify app do not match, or the secret was replaced.',
    remedy: 'The operator enters the current secret on /setup, or in SPOTIFY_CLIENT_SECRET.',
  },
  'expired-state': {
    title: 'The sign-in took too long',
    cause:
      'The note that your browser keeps during a sign-in was gone when Spotify sent you back. It ends after 15 minutes, and it stays with the address where you began.',
    remedy: 'Sign in again from this page, in one go and with cookies allowed.',
  },
  'being-deleted': {
    title: 'Everything of yours is being deleted',
    cause: 'You pressed "Delete everything", and a load that was under way has to end first.',
    remedy: 'Wait some minutes. Then you can sign in again and start empty.',
  },
  'invite-needed': {
    title: 'This installation takes new listeners by invite only',
    cause: 'You signed in with a Spotify account that is not known here.',
    remedy: 'Ask an admin for an invite and open its link; then sign in from there.',
  },
  'invite-over': {
    title: 'This invite lets nobody in any more',
    cause: 'It is over, was used up or was taken back; or a part of its link is missing.',
    remedy: 'Ask whoever sent it for a new one.',
  },
  suspended: {
    title: 'You are suspended',
    cause: 'An admin of this installation has suspended you: nothing is fetched, and nobody signs in as you.',
    remedy: 'Your data stays. Ask an admin to resume you.',
  },
  'not-your-app': {
    title: 'This Spotify app is somebody else’s',
    cause: 'The sign-in led through the app of a listener, and this Spotify account does not use it here.',
    remedy: 'Sign in again: it now leads through the operator’s app. Or enter id and secret of an app of your own.',
  },
  'unknown-app': {
    title: 'No Spotify app with this client ID is known here',
    cause: 'Nobody has entered it on this installation, or nobody uses it any more.',
    remedy: 'Look at the client ID again, or open your invite and enter id and secret there.',
  },
  'sign-ups-closed': {
    title: 'This installation takes no new listeners',
    cause: 'Its operator has closed sign-ups.',
    remedy: 'Ask the operator to set SIGN_UPS to open or invite, then sign in again.',
  },
  'spotify-unavailable': {
    title: 'Spotify does not answer',
    cause: 'Spotify did not answer in time, or answered with an error of its own.',
    remedy: 'Wait some minutes and sign in again.',
  },
}

/** The same through an app of the listener's own: the remedy is in their hands. */
const OWN_PROBLEMS: Record<string, SignInProblem> = {
  'not-registered': {
    title: 'You are not on the list of your own Spotify app',
    cause: 'A Spotify app in development mode only lets in the people on its list of users, its owner included.',
    remedy:
      'Add yourself in Spotify’s developer dashboard, under the app’s User Management, with the e-mail address of your Spotify account. It counts after some minutes.',
  },
  'premium-lapsed': {
    title: 'The Spotify Premium behind your own app has lapsed',
    cause: 'Spotify only answers a development app while the owner of the app has Premium.',
    remedy: 'Renew it; Spotify counts it after some hours. Your data stays.',
  },
  'wrong-secret': {
    title: 'Spotify does not accept the client secret of your own app',
    cause: 'It was replaced in the developer dashboard, or the app was deleted there.',
    remedy:
      'Where you are signed in still, enter id and secret again: Connections, A Spotify app of your own. Nowhere any more? Ask an admin for an invite; its link takes them too.',
  },
}

const UNKNOWN: SignInProblem = {
  title: 'The sign-in did not succeed',
  cause: 'It ended in a way that this page does not know.',
  remedy: 'Sign in again. If it stays, the operator finds the reason in the log of the app.',
}

/** @param isOwnApp the sign-in led through an app of the listener's own */
export function signInProblem(word: string | undefined, isOwnApp: boolean): SignInProblem | null {
  if (!word) return null
  return (isOwnApp ? OWN_PROBLEMS[word] : undefined) ?? PROBLEMS[word] ?? UNKNOWN
}
