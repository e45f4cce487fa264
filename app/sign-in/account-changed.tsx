import { AlertIcon } from '#app/_ui/icons.tsx'
import { Link } from '#app/_ui/link.tsx'
import classes from './sign-in.module.css'

/** Shown when a signed-in listener comes back from Spotify as someone else. */
export function AccountChanged({ name }: { name: string }) {
  return (
    <div className={classes.card}>
      <AlertIcon size={28} />
      <h1>You’re now signed in as {name}</h1>
      <p>
        Someone else was signed in here before, and their data is safe. On Spotify&apos;s page, the account of {name}{' '}
        agreed.
      </p>
      <p>
        If that isn’t what you wanted, sign out in the menu, sign in again, and press &quot;Not you?&quot; on
        Spotify&apos;s page before you agree.
      </p>
      <Link href="/overview">Continue as {name}</Link>
    </div>
  )
}
