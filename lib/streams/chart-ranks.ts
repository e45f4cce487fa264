/** The lowest place of a chart that counts. In a file of its own, so that reading an upload loads nothing else for it. */
export const MAX_RANK = 10_000
