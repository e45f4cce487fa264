import { type NextRequest, NextResponse } from 'next/server'
import { appUrl, settings, spotifyUrls } from './lib/core/config.ts'

/** Hosts of Spotify's pictures. */
const PICTURES = ['https://i.scdn.co', 'https://mosaic.scdn.co', 'https://*.spotifycdn.com']

/**
 * The Content Security Policy of all pages.
 *
 * @param nonce new for each response; scripts and style elements carry it
 */
function contentSecurityPolicy(nonce: string): string {
  const { SPOTIFY_API_URL, TRACKLAKE_MODE, TRACKLAKE_DEVELOPMENT: development } = settings()
  const accounts = new URL(spotifyUrls().accounts).origin
  // The simulated Spotify, or another server with the same API, serves its own pictures.
  const ownPictures = TRACKLAKE_MODE === 'demo' || SPOTIFY_API_URL ? [new URL(spotifyUrls().api).origin] : []
  const directives: [name: string, ...sources: string[]][] = [
    ['default-src', "'self'"],
    ['script-src', "'self'", `'nonce-${nonce}'`, "'strict-dynamic'", ...(development ? ["'unsafe-eval'"] : [])],
    // Hot reload adds style elements without a nonce, and a nonce would disable 'unsafe-inline'.
    ['style-src-elem', "'self'", development ? "'unsafe-inline'" : `'nonce-${nonce}'`],
    ['style-src-attr', "'unsafe-inline'"],
    ['img-src', "'self'", 'data:', ...PICTURES, ...ownPictures],
    ['font-src', "'self'"],
    ['connect-src', "'self'", ...(development ? ['ws:'] : [])],
    // Browsers also check where a form submission is redirected to, so sign-in needs the accounts origin here.
    ['form-action', "'self'", accounts],
    ['object-src', "'none'"],
    ['base-uri', "'none'"],
    ['frame-ancestors', "'none'"],
  ]
  return directives.map((directive) => directive.join(' ')).join('; ')
}

/**
 * The address on 127.0.0.1 for requests to "localhost", else null. Spotify redirects to 127.0.0.1, where cookies set on
 * localhost would be lost. This reads the Host header because NextRequest treats both names as one.
 */
function canonicalAddress(request: NextRequest): string | null {
  const local = /^localhost(:\d+)?$/.exec(request.headers.get('host') ?? '')
  if (!local || new URL(appUrl()).hostname !== '127.0.0.1') return null
  if (request.method !== 'GET' && request.method !== 'HEAD') return null
  const { pathname, search } = request.nextUrl
  return `http://127.0.0.1${local[1] ?? ''}${pathname}${search}`
}

/**
 * Adds the Content Security Policy and the canonical host. Pages check access themselves. What all responses have is added
 * by scripts/security-headers.mjs.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64')
  const policy = contentSecurityPolicy(nonce)
  const headers = new Headers(request.headers)
  headers.set('x-nonce', nonce)
  // The layout redirects: from here, Next would redirect to the address it listens on, in an endless loop.
  headers.delete('x-canonical-address')
  const canonical = canonicalAddress(request)
  if (canonical) headers.set('x-canonical-address', canonical)
  // Next takes the nonce for its own scripts from this header.
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  return response
}

export const config = {
  // Pages only. Next buffers the body of every request that comes here, so the API must not.
  matcher: ['/((?!_next/static/|api/|metrics$).*)'],
}
