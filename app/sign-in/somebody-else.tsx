import Link from 'next/link'
import { AlertIcon } from '#app/_ui/icons.tsx'
import classes from './sign-in.module.css'

/** For whoever was signed in and came back from Spotify as another listener. */
export function SomebodyElse({ name }: { name: string }) {
  return (
    <div className={classes.card}>
      <AlertIcon size={28} />
      <h1>You are signed in as {name} now</h1>
      <p>
        Somebody else was signed in here before; they keep everything. On Spotify&apos;s page it was the account of{' '}
        {name} that agreed.
      </p>
      <p>
        If that is not what you meant: sign out in the menu, sign in again, and press &quot;Not you?&quot; on
        Spotify&apos;s page before you agree.
      </p>
      <Link href="/overview">Go on as {name}</Link>
    </div>
  )
}
