import { redirect } from 'next/navigation'
import { currentListener } from '#lib/auth/auth.ts'
import { settings } from '#lib/core/config.ts'
import { LakeIcon } from './_ui/icons.tsx'
import { PublicPage } from './_ui/public-page.tsx'
import { SignInButton } from './_ui/sign-in-button.tsx'
import classes from './start.module.css'

const FACTS = [
  { head: 'Your tokens stay here', text: 'They are sealed in the database of this app and never leave the machine.' },
  { head: 'Your warehouse, your data', text: 'Everything is loaded into tables of your own, ready for your own SQL.' },
  {
    head: 'Works without Snowflake',
    text: 'An embedded DuckDB file holds it all: nothing to set up, nothing to pay.',
  },
]

export default async function StartPage() {
  if (await currentListener()) redirect('/overview')
  return (
    <PublicPage>
      <div className={classes.start}>
        <div className={classes.words}>
          <h1 className={classes.title}>Keep your listening, in tables of your own.</h1>
          <p className={classes.lead}>
            Tracklake fetches what Spotify remembers of your music, again and again, and keeps what Spotify forgets.
          </p>
          <SignInButton size="md" />
          {settings().TRACKLAKE_MODE === 'demo' && <DemoNote />}
        </div>
        <picture className={classes.picture}>
          <source srcSet="/overview-light.webp" media="(prefers-color-scheme: light)" />
          <img
            src="/overview-dark.webp"
            alt="The overview: figures, top tracks and recent plays"
            width={1280}
            height={800}
          />
        </picture>
      </div>
      <ul className={classes.facts}>
        {FACTS.map(({ head, text }) => (
          <li key={head}>
            <h2>{head}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ul>
    </PublicPage>
  )
}

function DemoNote() {
  return (
    <p className={classes.demo}>
      <LakeIcon size={18} />
      <span>
        Demo mode: Spotify is simulated. On the next page you choose who to be: Juniper with ten years of music,
        quiet-fern who has just begun, or Quill, whose library is full of oddities.
      </span>
    </p>
  )
}
