import { redirect } from 'next/navigation'
import { currentListener } from '#lib/auth/auth.ts'
import { settings } from '#lib/core/config.ts'
import { DEMO_HISTORY } from './_ui/demo-history.ts'
import { LakeIcon } from './_ui/icons.tsx'
import { PublicPage } from './_ui/public-page.tsx'
import { SignInButton } from './_ui/sign-in-button.tsx'
import classes from './start.module.css'

const FACTS = [
  { title: 'Your tokens stay here', text: 'They’re encrypted in this app’s database and never leave the machine.' },
  { title: 'Your warehouse, your data', text: 'Everything goes into tables you own, ready for your own SQL.' },
  {
    title: 'Works without Snowflake',
    text: 'A built-in warehouse holds everything: nothing to set up, nothing to pay.',
  },
]

export default async function StartPage() {
  if (await currentListener()) redirect('/overview')
  return (
    <PublicPage>
      <div className={classes.start}>
        <div className={classes.text}>
          <h1 className={classes.title}>Keep your listening history, in tables you own.</h1>
          <p className={classes.lead}>
            Tracklake syncs your listening from Spotify around the clock, and keeps what Spotify forgets.
          </p>
          <SignInButton size="md" />
          {settings().TRACKLAKE_MODE === 'demo' && <DemoNote />}
        </div>
        <picture className={classes.picture}>
          <source srcSet="/overview-light.webp" media="(prefers-color-scheme: light)" />
          <img
            src="/overview-dark.webp"
            alt="The overview with figures, top songs and recently played"
            width={1280}
            height={800}
          />
        </picture>
      </div>
      <ul className={classes.facts}>
        {FACTS.map(({ title, text }) => (
          <li key={title}>
            <h2>{title}</h2>
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
        Demo: Spotify is simulated. On the next page you choose who to be: Juniper with ten years of music, quiet-fern
        who has just started, or Quill, whose library is full of oddities. {DEMO_HISTORY}
      </span>
    </p>
  )
}
