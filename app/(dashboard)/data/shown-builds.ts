/** How many builds the page shows. */
export const BUILDS = { builds: 10 } as const
