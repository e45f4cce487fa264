import { serve } from '#app/api/serve.ts'
import { enterOwnApp } from '#lib/accounts/own-app.ts'
import { saveOwnApp } from '#lib/api/spotify-app.ts'

/** Checks and saves a listener's own Spotify app, with a session or an invite. */
export const POST = serve(saveOwnApp, ({ listener, body: { invite = '', sameDeveloperAs = null, ...app } }) =>
  enterOwnApp(listener ? { listener } : { listener, invite }, { ...app, sameDeveloperAs }),
)
