/** At the start of the web process: refuse bad settings at once, and put the landing zone in order after a crash. */
export async function register() {
  // biome-ignore lint/style/noProcessEnv: Next replaces exactly this expression while it builds.
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { startUp } = await import('./lib/ops/start-up.ts')
  await startUp()
}
