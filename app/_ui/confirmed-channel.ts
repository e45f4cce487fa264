/** The BroadcastChannel on which the tab that returns from Spotify tells the form that its sign-in is confirmed. */
export const CONFIRMED_CHANNEL = 'tracklake.confirmed'
