import { Copyable } from '#app/_ui/copyable.tsx'
import classes from './setup.module.css'

/** Steps to take in Spotify's developer dashboard. */
export function Guide({ redirectUri, isOwnApp = false }: { redirectUri: string; isOwnApp?: boolean }) {
  return (
    <section className={classes.card} aria-label="Guide">
      <h2>In Spotify&apos;s dashboard</h2>
      <ol className={classes.guide}>
        <li>
          Open the{' '}
          <a href="https://developer.spotify.com/dashboard" target="_blank" rel="noreferrer">
            developer dashboard
          </a>{' '}
          and sign in. The account must have Spotify Premium, and keep it.
        </li>
        <li>
          Choose <b>Create app</b>. Any name works unless it starts with &quot;Spot&quot;, for example:
          <Copyable text="Tracklake" />
        </li>
        <li>
          As <b>Redirect URI</b>, enter exactly this and press Add:
          <Copyable text={redirectUri} />
        </li>
        <li>
          Under <b>APIs used</b> tick <b>Web API</b>, accept the terms, and save.
        </li>
        <li>
          {isOwnApp ? (
            <>
              Under <b>User Management</b>, add yourself with the email address of your Spotify account. The owner isn’t
              on the list automatically.
            </>
          ) : (
            <>
              Under <b>User Management</b>, add everyone who will sign in, up to five people, with the email address of
              their Spotify account.
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
