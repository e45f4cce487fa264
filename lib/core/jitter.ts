/** A minute from 0 to 59 that is always the same for a listener, so that not all listeners are due at once. */
export function jitterOf(listenerId: string): number {
  return [...listenerId].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 60, 0)
}
