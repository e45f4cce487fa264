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
              at Spotify and scroll to “Download your data”.
            </li>
            <li>
              Tick <strong>Extended streaming history</strong>: every play since your account began. It can take up to
              30 days. “Account data” has the last year only, and comes within days.
            </li>
            <li>Confirm the email that Spotify sends you, and drop the zip here when it has come.</li>
          </ol>
        </section>
        <section>
          <h3>Other files</h3>
          <ul>
            <li>Last.fm history as CSV</li>
            <li>ListenBrainz history as JSON</li>
            <li>your_spotify, or another database of your recently played songs, as CSV or JSON</li>
          </ul>
          <p>
            “Moving in” (docs/moving.md, in Tracklake’s documentation) says how to export each. Files are recognized by
            their content, so their names don’t matter. The same file twice adds nothing.
          </p>
        </section>
        <section>
          <h3>What is kept</h3>
          <p>
            Only when you played what, how long, and how it started and ended. IP addresses, devices, places and user
            names are removed before anything is stored, and the uploaded files are deleted once they are read. Files
            about payments, followers or inferences are never opened. Nothing is sent to Spotify.
          </p>
        </section>
      </div>
    </Panel>
  )
}
