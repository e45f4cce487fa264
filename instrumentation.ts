/** Runs at the start of the web process: rejects bad settings and tidies the landing zone after a crash. */
export async function register() {
  // biome-ignore lint/style/noProcessEnv: Next replaces exactly this expression at build time.
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { startUp } = await import('./lib/ops/start-up.ts')
  await startUp()
}
