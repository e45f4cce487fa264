import { serve } from '#app/api/serve.ts'
import { enterOwnApp } from '#lib/accounts/own-app.ts'
import { saveOwnApp } from '#lib/api/spotify-app.ts'

/** Checks a Spotify app of a listener's own, and keeps it: with a session, or with the link of an invite. */
export const POST = serve(saveOwnApp, ({ listener, body: { invite = '', sameDeveloperAs = null, ...app } }) =>
  enterOwnApp(listener ? { listener } : { listener, invite }, { ...app, sameDeveloperAs }),
)
