interface SignInProblem {
  title: string
  cause: string
  remedy: string
}

/** Why a sign-in did not succeed, by the word in ?problem=. */
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
      'Ask the operator to add you: in Spotify’s developer dashboard, under the app’s User Management, with the e-mail address of your Spotify account.',
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
  'sign-ups-closed': {
    title: 'This installation takes no new listeners',
    cause: 'Its operator has closed sign-ups.',
    remedy: 'Ask the operator to set SIGN_UPS to open, then sign in again.',
  },
  'spotify-unavailable': {
    title: 'Spotify does not answer',
    cause: 'Spotify did not answer in time, or answered with an error of its own.',
    remedy: 'Wait some minutes and sign in again.',
  },
}

const UNKNOWN: SignInProblem = {
  title: 'The sign-in did not succeed',
  cause: 'It ended in a way that this page does not know.',
  remedy: 'Sign in again. If it stays, the operator finds the reason in the log of the app.',
}

export function signInProblem(word: string | undefined): SignInProblem | null {
  if (!word) return null
  return PROBLEMS[word] ?? UNKNOWN
}
