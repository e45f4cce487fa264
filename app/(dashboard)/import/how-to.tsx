import { Link } from '#app/_ui/link.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import classes from './import.module.css'

/** How to get the files. */
export function HowTo() {
  return (
    <Panel title="How to get your files">
      <div className={classes.sources}>
        <section>
          <h3>Spotify</h3>
          <ol>
            <li>
              Open{' '}
              <a href="https://www.spotify.com/account/privacy/" target="_blank" rel="noreferrer">
                Account privacy
              </a>{' '}
              on Spotify’s site and scroll to “Download your data”.
            </li>
            <li>
              Select <strong>Extended streaming history</strong>, which has every play since you opened your account. It
              can take up to 30 days. “Account data” comes within days but only has the last year.
            </li>
            <li>Confirm the email from Spotify. When the zip arrives, drop it here.</li>
          </ol>
        </section>
        <section>
          <h3>Other files</h3>
          <ul>
            <li>Last.fm history as CSV</li>
            <li>ListenBrainz history as JSON</li>
            <li>
              Charts from{' '}
              <a href="https://charts.spotify.com" target="_blank" rel="noreferrer">
                charts.spotify.com
              </a>{' '}
              as CSV. If you copied a chart into a playlist, add it on <Link href="/charts">Charts</Link>.
            </li>
            <li>your_spotify, or another database of your recently played songs, as CSV or JSON</li>
          </ul>
          <p>
            Tracklake’s documentation (docs/moving.md) explains how to export each. Files are recognized by their
            content, so names don’t matter. Importing a file twice adds nothing.
          </p>
        </section>
        <section>
          <h3>What is kept</h3>
          <p>
            Only what you played, when, for how long, and how each play started and ended. IP addresses, devices, places
            and usernames are removed before anything is stored, and uploaded files are deleted once they’ve been read.
            Files about payments, followers or inferences are never opened. Nothing is sent to Spotify.
          </p>
        </section>
      </div>
    </Panel>
  )
}
