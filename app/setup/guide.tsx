import { Copyable } from '#app/_ui/copyable.tsx'
import classes from './setup.module.css'

/** What to do in Spotify's developer dashboard. */
export function Guide({ redirectUri, isForOneself = false }: { redirectUri: string; isForOneself?: boolean }) {
  return (
    <section className={classes.card} aria-label="Guide">
      <h2>In Spotify&apos;s dashboard</h2>
      <ol className={classes.guide}>
        <li>
          Open the{' '}
          <a href="https://developer.spotify.com/dashboard" target="_blank" rel="noreferrer">
            developer dashboard
          </a>{' '}
          and sign in. The account needs Spotify Premium, and has to keep it.
        </li>
        <li>
          Choose <b>Create app</b>. Any name does that does not begin with &quot;Spot&quot;, for example:
          <Copyable text="Tracklake" />
        </li>
        <li>
          As <b>Redirect URI</b> enter exactly this, and press Add:
          <Copyable text={redirectUri} />
        </li>
        <li>
          Under <b>APIs used</b> tick <b>Web API</b>, accept the terms, and save.
        </li>
        <li>
          {isForOneself ? (
            <>
              Under <b>User Management</b> add yourself, with the e-mail address of your Spotify account; the owner is
              not on the list by itself.
            </>
          ) : (
            <>
              Under <b>User Management</b> add everybody who shall sign in, up to five people, with the e-mail address
              of their Spotify account.
            </>
          )}
        </li>
        <li>
          Copy <b>Client ID</b> and <b>Client secret</b> from the app&apos;s settings into the form.
        </li>
      </ol>
    </section>
  )
}
