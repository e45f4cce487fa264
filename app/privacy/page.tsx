import Link from 'next/link'
import { Prose, PublicPage } from '#app/_ui/public-page.tsx'

export const metadata = { title: 'Privacy' }

export default function PrivacyPage() {
  return (
    <PublicPage>
      <Prose title="Privacy">
        <p>
          Tracklake runs on the machine of whoever set it up, its operator. There is no central service: what it fetches
          from Spotify for you stays on that machine and in warehouses that you connect yourself.
        </p>
        <h2>What is stored, and where</h2>
        <ul>
          <li>
            In the app&apos;s database: your Spotify id, display name and picture, your settings, what you consented to
            and until when, your runs with their counts and log lines, and your access to Spotify, encrypted.
          </li>
          <li>In the landing folder: Spotify&apos;s answers as they came, so that your tables can be rebuilt.</li>
          <li>
            In your warehouse: the tables made of them. Each listener has a warehouse of their own; nobody else&apos;s
            data is mixed in.
          </li>
          <li>
            Where you are told: addresses that you add on Settings get messages about your runs, and your week&apos;s
            figures if you choose them. The addresses are stored encrypted.
          </li>
          <li>
            In your browser: a session cookie, a cookie against forged forms, and the theme you chose. No tracking.
          </li>
        </ul>
        <h2>What is fetched</h2>
        <p>
          Your top tracks and artists, your recent plays, your saved tracks and albums, your playlists and the artists
          you follow. Tracklake only reads: it never changes anything in your Spotify account.
        </p>
        <h2>Who sees it</h2>
        <p>
          You. An admin of this app sees states and counts of your runs, never titles, artists or tokens. Nothing is
          sold, handed to advertisers or data brokers, shown to other listeners, added up over several people, or used
          to train or feed machine learning or AI models.
        </p>
        <h2>How to end it</h2>
        <ul>
          <li>
            Disconnect on <Link href="/connections">Connections</Link>: the access is forgotten at once and nothing more
            is fetched. You can also take the consent back in your{' '}
            <a href="https://www.spotify.com/account/apps/">Spotify account</a>.
          </li>
          <li>
            Delete everything on <Link href="/settings">Settings</Link>: your rows, landed answers and warehouse files
            are deleted at once, and you get a receipt. What stays: for a year the receipt in the audit trail (ids and
            counts), log lines with ids until they are overwritten, and for 7 days the ids of events that background
            functions worked on. Backups are in the hands of the operator.
          </li>
          <li>
            Your tables stay readable after a disconnect, so that you can copy what is yours. Spotify&apos;s terms ask
            for data that came from Spotify to be deleted within five days then: use Delete everything.
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
