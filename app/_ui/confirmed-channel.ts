/** The BroadcastChannel that the tab returning from Spotify uses to notify the form. */
export const CONFIRMED_CHANNEL = 'tracklake.confirmed'
