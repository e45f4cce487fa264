/** @type {import('next').NextConfig} */
export default {
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  // Not bundled, because they contain native code or WebAssembly, or are very large.
  serverExternalPackages: [
    '@aws-sdk/client-glue',
    '@aws-sdk/client-s3',
    '@duckdb/node-api',
    'minijinja-js',
    'pg',
    'snowflake-sdk',
  ],
  // Spotify doesn't accept "localhost" in redirect URIs, so development uses 127.0.0.1.
  allowedDevOrigins: ['127.0.0.1'],
  // Pages show Spotify's own sizes. Without this, an address that resizes images would be open to anybody; it needs a
  // package (sharp) that package.json leaves out.
  images: { unoptimized: true },
  // `npm run test:types` checks the types, so a start doesn't have to.
  typescript: { ignoreBuildErrors: true },
  experimental: { optimizePackageImports: ['@mantine/core', '@mantine/hooks'] },
}
