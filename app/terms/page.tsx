import { Link } from '#app/_ui/link.tsx'
import { Prose, PublicPage } from '#app/_ui/public-page.tsx'

export const metadata = { title: 'Terms' }

export default function TermsPage() {
  return (
    <PublicPage>
      <Prose title="Terms">
        <p>
          By signing in you agree to these terms with the operator of this Tracklake installation, and to the handling
          of data described under <Link href="/privacy">Privacy</Link>.
        </p>
        <h2>What you may do</h2>
        <ul>
          <li>You may view and keep your own listening data, and load it into your own warehouses.</li>
          <li>
            You may not resell it, give it to data brokers, or use it to train or feed machine learning or AI models.
          </li>
          <li>
            You may not reverse-engineer, decompile or copy Spotify&apos;s service, platform or content, nor modify them
            or create derivative works, except where the law allows it.
          </li>
        </ul>
        <h2>Spotify</h2>
        <p>
          Tracklake uses the Spotify Web API but is not made, endorsed, certified or supported by Spotify. Song, artist
          and album names and artwork come from Spotify and belong to their owners; each links back to Spotify.
        </p>
        <p>
          The operator makes no warranty on behalf of Spotify and disclaims, for Spotify, all implied warranties of
          merchantability, fitness for a purpose and non-infringement. The operator alone is responsible for this
          installation; Spotify has no liability for it. Spotify is a third-party beneficiary of these terms and may
          enforce them directly. Your use of Spotify itself follows{' '}
          <a href="https://www.spotify.com/legal/end-user-agreement/">Spotify&apos;s terms of use</a>; apps follow the{' '}
          <a href="https://developer.spotify.com/terms">Spotify Developer Terms</a>.
        </p>
        <h2>Termination</h2>
        <p>
          You can stop at any time: disconnect on <Link href="/connections">Connections</Link> or delete your account in{' '}
          <Link href="/settings">Settings</Link>. Data from Spotify must be deleted within five days of disconnecting.
          The operator may close the installation or end a listener&apos;s access.
        </p>
        <h2>Warranty</h2>
        <p>
          Tracklake is provided as is, without warranty of any kind. It shows what Spotify returns, which may be late,
          incomplete or wrong.
        </p>
      </Prose>
    </PublicPage>
  )
}
