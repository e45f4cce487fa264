import { type NextRequest, NextResponse } from 'next/server'
import { appUrl, settings, spotifyUrls } from './lib/core/config.ts'

/** Where Spotify keeps covers and portraits. */
const PICTURES = ['https://i.scdn.co', 'https://mosaic.scdn.co', 'https://*.spotifycdn.com']

/**
 * Who may load and send what on a page of ours.
 *
 * @param nonce fresh for each answer; scripts and style elements carry it
 */
function contentSecurityPolicy(nonce: string): string {
  const { SPOTIFY_API_URL, TRACKLAKE_MODE, TRACKLAKE_DEVELOPMENT: development } = settings()
  const accounts = new URL(spotifyUrls().accounts).origin
  // The simulated Spotify, or another server that speaks the same API, has pictures of its own.
  const ownPictures = TRACKLAKE_MODE === 'demo' || SPOTIFY_API_URL ? [new URL(spotifyUrls().api).origin] : []
  const directives: [name: string, ...sources: string[]][] = [
    ['default-src', "'self'"],
    ['script-src', "'self'", `'nonce-${nonce}'`, "'strict-dynamic'", ...(development ? ["'unsafe-eval'"] : [])],
    // Hot reload adds style elements without a nonce, and a nonce would switch 'unsafe-inline' off.
    ['style-src-elem', "'self'", development ? "'unsafe-inline'" : `'nonce-${nonce}'`],
    ['style-src-attr', "'unsafe-inline'"],
    ['img-src', "'self'", 'data:', ...PICTURES, ...ownPictures],
    ['font-src', "'self'"],
    ['connect-src', "'self'", ...(development ? ['ws:'] : [])],
    // The browser also checks where a sent form is redirected to, so sign-in needs the accounts origin here.
    ['form-action', "'self'", accounts],
    ['object-src', "'none'"],
    ['base-uri', "'none'"],
    ['frame-ancestors', "'none'"],
  ]
  return directives.map((directive) => directive.join(' ')).join('; ')
}

/**
 * The address on the loopback literal for a visitor who came by "localhost", else null. Spotify sends people back to
 * 127.0.0.1, and a cookie set for localhost would be lost there. The Host header is read because NextRequest takes
 * both names for one.
 */
function canonicalAddress(request: NextRequest): string | null {
  const local = /^localhost(:\d+)?$/.exec(request.headers.get('host') ?? '')
  if (!local || new URL(appUrl()).hostname !== '127.0.0.1') return null
  const { pathname, search } = request.nextUrl
  const isPage = (request.method === 'GET' || request.method === 'HEAD') && !pathname.startsWith('/api/')
  if (!isPage) return null
  return `http://127.0.0.1${local[1] ?? ''}${pathname}${search}`
}

/** Security headers, and the canonical host. Who may see a page is decided in the page. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64')
  const policy = contentSecurityPolicy(nonce)
  const headers = new Headers(request.headers)
  headers.set('x-nonce', nonce)
  // The layout redirects: Next would make a redirect from here relative to the address it listens on, and endless.
  headers.delete('x-canonical-address')
  const canonical = canonicalAddress(request)
  if (canonical) headers.set('x-canonical-address', canonical)
  // Next reads the nonce for its own scripts from here.
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  response.headers.set('x-content-type-options', 'nosniff')
  response.headers.set('referrer-policy', 'same-origin')
  response.headers.set('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
  return response
}

export const config = {
  // All but bundles, pictures of our own, and the engine's calls, whose bodies must not be copied.
  matcher: ['/((?!_next/static|api/inngest|.*\\.(?:svg|png|webp|ico)$).*)'],
}
