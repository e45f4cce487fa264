import { Link } from '#app/_ui/link.tsx'
import { Prose, PublicPage } from '#app/_ui/public-page.tsx'

export const metadata = { title: 'Privacy' }

export default function PrivacyPage() {
  return (
    <PublicPage>
      <Prose title="Privacy">
        <p>
          Tracklake runs on the machine of the person who set it up, its operator. There is no central service: the data
          it fetches from Spotify for you stays on that machine and in warehouses you connect yourself.
        </p>
        <h2>What is stored, and where</h2>
        <ul>
          <li>
            In the app&apos;s database: your Spotify id, display name and picture, your settings, what you consented to
            and until when, your syncs with their counts and log lines, the browsers you’re signed in with and when you
            used them, and your access to Spotify, encrypted.
          </li>
          <li>In the landing folder: Spotify&apos;s original responses, so that your tables can be rebuilt.</li>
          <li>
            In your warehouse: the tables made from them. Each listener has a separate warehouse; nobody else&apos;s
            data is mixed in.
          </li>
          <li>
            Notifications: addresses you add in Settings receive messages about your syncs, and a weekly summary if you
            choose it. The addresses are stored encrypted.
          </li>
          <li>
            In your browser: a session cookie, a cookie against forged requests, and the theme you chose. No tracking.
          </li>
        </ul>
        <h2>What is fetched</h2>
        <p>
          Your top songs and artists, your recently played songs, your liked songs and saved albums, your playlists and
          the artists you follow. Tracklake only reads: it never changes anything in your Spotify account.
        </p>
        <h2>Who sees it</h2>
        <p>
          You. An admin of this app sees states and counts of your syncs, never titles, artists or tokens. Nothing is
          sold, given to advertisers or data brokers, shown to other listeners, aggregated across people, or used to
          train or feed machine learning or AI models.
        </p>
        <h2>Stopping and deleting</h2>
        <ul>
          <li>
            Disconnect on <Link href="/connections">Connections</Link>: the access is deleted right away and nothing
            more is fetched. You can also withdraw your consent in your{' '}
            <a href="https://www.spotify.com/account/apps/">Spotify account</a>.
          </li>
          <li>
            Delete your account in <Link href="/settings">Settings</Link>: your database records, stored responses and
            warehouse files are deleted right away, and you get a receipt. What remains: the receipt in the audit trail
            for a year (ids and counts), log lines with ids until they are overwritten, and ids of processed background
            events for 7 days. The operator is responsible for backups.
          </li>
          <li>
            After disconnecting, your data stays readable so that you can copy it. Spotify&apos;s terms require data
            from Spotify to be deleted within five days: use Delete account.
          </li>
        </ul>
        <p>
          Questions about this installation go to its operator. Spotify&apos;s own handling of your data is described in{' '}
          <a href="https://www.spotify.com/legal/privacy-policy/">Spotify&apos;s privacy policy</a>.
        </p>
      </Prose>
    </PublicPage>
  )
}
