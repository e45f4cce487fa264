import { createHash } from 'node:crypto'
import type { Listener } from '#simulator/music/listeners.ts'

/** The pages of the simulated accounts service. They need no JavaScript and follow the system's color scheme. */

const STYLE = `
:root { color-scheme: light dark; --ink: #10202e; --quiet: #4a5c6c; --paper: #f3f7fa; --card: #ffffff; --line: #cfdbe4; --lake: #007da1; --on-lake: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf5; --quiet: #9aa7be; --paper: #0a101d; --card: #151f33; --line: #33415a; --lake: #38c6e8; --on-lake: #06222b; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px 16px; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 520px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 28px; }
.sign { display: inline-block; margin: 0 0 12px; padding: 2px 10px; border: 1px dashed var(--lake); border-radius: 999px; color: var(--lake); font-size: 13px; }
h1 { margin: 0 0 4px; font-size: 22px; line-height: 1.3; }
p { margin: 0 0 16px; } .quiet { color: var(--quiet); }
fieldset { border: 0; margin: 0 0 20px; padding: 0; display: grid; gap: 8px; }
legend { padding: 0; margin-bottom: 8px; font-weight: 600; }
label { display: grid; grid-template-columns: auto 40px 1fr; gap: 12px; align-items: center; padding: 10px 12px; border: 1px solid var(--line); border-radius: 10px; cursor: pointer; }
label:has(input:checked) { border-color: var(--lake); box-shadow: inset 0 0 0 1px var(--lake); }
label img { border-radius: 50%; display: block; } label strong, label small { display: block; } label small { color: var(--quiet); font-size: 13px; }
input { accent-color: var(--lake); width: 18px; height: 18px; margin: 0; }
h2 { font-size: 15px; margin: 0 0 4px; } ul { margin: 0 0 24px; padding-left: 20px; color: var(--quiet); }
.actions { display: flex; flex-direction: row-reverse; justify-content: flex-start; gap: 12px; }
button { font: inherit; font-weight: 600; padding: 10px 22px; border-radius: 8px; border: 1px solid var(--line); background: transparent; color: var(--ink); cursor: pointer; }
button.first { background: var(--lake); border-color: var(--lake); color: var(--on-lake); }
:focus-visible { outline: 2px solid var(--lake); outline-offset: 2px; }
`

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/** All scopes of the Web API. */
const SCOPES: Record<string, string> = {
  'user-read-private': 'See your name and picture',
  'user-read-email': 'See your email address',
  'user-top-read': 'See your top artists and songs',
  'user-read-recently-played': 'See your recently played songs',
  'user-read-currently-playing': 'See what is playing now',
  'user-read-playback-state': 'See the state of your players',
  'user-read-playback-position': 'See how far you listened to podcasts',
  'user-modify-playback-state': 'Control playback on your players',
  'user-library-read': 'See your liked songs and saved albums',
  'user-library-modify': 'Change your liked songs and saved albums',
  'user-follow-read': 'See the artists you follow',
  'user-follow-modify': 'Change the artists you follow',
  'playlist-read-private': 'See your private playlists',
  'playlist-read-collaborative': 'See your collaborative playlists',
  'playlist-modify-public': 'Change your public playlists',
  'playlist-modify-private': 'Change your private playlists',
  'ugc-image-upload': 'Upload images for your playlists',
  'app-remote-control': 'Control the Spotify app',
  streaming: 'Play music',
}

export function isScope(scope: string): boolean {
  return Object.hasOwn(SCOPES, scope)
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main><p class="sign">Simulated Spotify</p>${content}</main></body></html>`
}

/** The pages' content security policy. @param formTarget the app's origin, to which the form's response redirects */
export function pageHeaders(formTarget = ''): Record<string, string> {
  return {
    'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; img-src 'self'; form-action 'self' ${formTarget}; base-uri 'none'; frame-ancestors 'none'`,
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
}

export function problemPage(problem: string): string {
  return page('Problem', `<h1>${escapeHtml(problem)}</h1><p class="quiet">The app's request is invalid.</p>`)
}

/**
 * @param request the app's signed request, which the form returns
 * @param last id of the listener who agreed last in this browser
 */
export function consentPage(listeners: readonly Listener[], scopes: string[], request: string, last?: string): string {
  const chosen = listeners.find(({ id }) => id === last) ?? listeners[0]
  const choices = listeners.map(
    (
      listener,
    ) => `<label><input type="radio" name="listener" value="${escapeHtml(listener.id)}"${listener === chosen ? ' checked' : ''}>
<img src="/artwork/user/${escapeHtml(listener.id)}?size=64" width="40" height="40" alt="">
<span><strong>${escapeHtml(listener.label)}</strong><small>${escapeHtml(listener.about)}</small></span></label>`,
  )
  const permissions = scopes.map((scope) => `<li>${escapeHtml(SCOPES[scope] ?? scope)}</li>`)
  return page(
    'Connect a listener',
    `<h1>Connect a listener</h1>
<p class="quiet">This isn't a real account: the listeners and their music are made up.</p>
<form method="post" action="/authorize"><input type="hidden" name="request" value="${escapeHtml(request)}">
<fieldset><legend>Who are you today?</legend>${choices.join('\n')}</fieldset>
<h2>The app wants to</h2><ul>${permissions.join('') || '<li>See your public profile</li>'}</ul>
<div class="actions"><button class="first" name="decision" value="agree">Agree</button><button name="decision" value="cancel">Cancel</button></div>
</form>`,
  )
}
