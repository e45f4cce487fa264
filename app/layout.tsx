import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './global.css'
import { ColorSchemeScript, mantineHtmlProps } from '@mantine/core'
import { GeistSans } from 'geist/font/sans'
import type { Metadata, Viewport } from 'next'
import localFont from 'next/font/local'
import { headers } from 'next/headers'
import { permanentRedirect } from 'next/navigation'
import type { ReactNode } from 'react'
import { Providers } from './providers.tsx'

// For scripts and keys. Pages without monospace text don't fetch it.
const monospace = localFont({
  src: '../node_modules/geist/dist/fonts/geist-mono/GeistMono-Variable.woff2',
  variable: '--font-geist-mono',
  adjustFontFallback: false,
  preload: false,
  weight: '100 900',
})

export const metadata: Metadata = {
  title: { default: 'Tracklake', template: '%s · Tracklake' },
  description: 'Your Spotify listening history, in your own warehouse.',
  icons: { icon: '/favicon.svg' },
}

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: dark)', color: '#0e1626' },
    { media: '(prefers-color-scheme: light)', color: '#f5f7fb' },
  ],
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const requestHeaders = await headers()
  // proxy.ts sets both headers.
  const canonical = requestHeaders.get('x-canonical-address')
  if (canonical) permanentRedirect(canonical)
  const nonce = requestHeaders.get('x-nonce') ?? ''
  return (
    <html lang="en" className={`${GeistSans.variable} ${monospace.variable}`} {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" nonce={nonce} />
      </head>
      <body>
        <Providers nonce={nonce}>{children}</Providers>
      </body>
    </html>
  )
}
