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

// For scripts and keys. Pages without any do not fetch it.
const monospace = localFont({
  src: '../node_modules/geist/dist/fonts/geist-mono/GeistMono-Variable.woff2',
  variable: '--font-geist-mono',
  adjustFontFallback: false,
  preload: false,
  weight: '100 900',
})

export const metadata: Metadata = {
  title: { default: 'Tracklake', template: '%s · Tracklake' },
  description: 'Your Spotify listening data, in your own warehouse, charted.',
  icons: { icon: '/favicon.svg' },
}

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: dark)', color: '#0e1626' },
    { media: '(prefers-color-scheme: light)', color: '#f5f7fb' },
  ],
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const asked = await headers()
  // Both come from proxy.ts.
  const elsewhere = asked.get('x-canonical-address')
  if (elsewhere) permanentRedirect(elsewhere)
  const nonce = asked.get('x-nonce') ?? ''
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
