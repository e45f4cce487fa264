import Link from 'next/link'
import { Prose, PublicPage } from '#app/_ui/public-page.tsx'

export const metadata = { title: 'Terms' }

export default function TermsPage() {
  return (
    <PublicPage>
      <Prose title="Terms">
        <p>
          By signing in you agree to these terms with the operator of this installation of Tracklake, and to the
          handling of data described under <Link href="/privacy">Privacy</Link>.
        </p>
        <h2>What you may do</h2>
        <ul>
          <li>Look at your own listening data, keep it, and load it into warehouses of your own.</li>
          <li>Not resell it, hand it to data brokers, or use it to train or feed machine learning or AI models.</li>
          <li>
            Not take apart, decompile or copy Spotify&apos;s service, platform or content, nor change them or build on
            them, beyond what the law allows in any case.
          </li>
        </ul>
        <h2>Spotify</h2>
        <p>
          Tracklake uses the Spotify Web API but is not made, endorsed, certified or supported by Spotify. Track, artist
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
        <h2>The end</h2>
        <p>
          You may stop at any time: disconnect on <Link href="/connections">Connections</Link> or delete everything on{' '}
          <Link href="/settings">Settings</Link>. Data that came from Spotify has to be deleted within five days after a
          disconnect. The operator may close the installation or a listener&apos;s access.
        </p>
        <h2>Warranty</h2>
        <p>
          Tracklake is given as it is, without warranty of any kind. It shows what Spotify answers, which may be late,
          incomplete or wrong.
        </p>
      </Prose>
    </PublicPage>
  )
}
