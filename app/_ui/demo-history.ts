/** Says on pages of the demo where plays from before the first sync come from. */
export const DEMO_HISTORY =
  'Juniper’s earlier plays were imported from an export, such as Spotify sends you on request.'
