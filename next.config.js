/** @type {import('next').NextConfig} */
export default {
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  // They carry native code or very large bundles: they stay ordinary packages of the server.
  serverExternalPackages: ['@duckdb/node-api', 'pg', 'snowflake-sdk'],
  // Spotify refuses "localhost" as a redirect address, so development runs on the loopback literal.
  allowedDevOrigins: ['127.0.0.1'],
  // `npm run test:types` checks every file once; a start does not wait for it.
  typescript: { ignoreBuildErrors: true },
  experimental: { optimizePackageImports: ['@mantine/core', '@mantine/hooks'] },
}
