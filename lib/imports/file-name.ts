const EMAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+?(?=$|\.\p{L}{2,4}$|[^\p{L}\p{N}.-])/gu
/** Programs that name their files after the account: lastfm-to-csv and its relatives. */
const EXPORTER = /^((?:recent[-_]?tracks|scrobbles|lastfm|listenbrainz|listens)[-_]).+?((?:[-_]\d+)?\.[a-z]{2,4})$/i
const HIDDEN = '…'
/** A shorter name is part of too many words. */
const MIN_NAME = 3

/**
 * The name of an uploaded file without what identifies a person: addresses, names of the account, and what exporters put
 * in its place (docs/decisions/0081-file-names.md).
 * @param own names of the account
 */
export function withoutPerson(name: string, own: readonly string[]): string {
  let shown = name.replaceAll(EMAIL, HIDDEN).replace(EXPORTER, `$1${HIDDEN}$2`)
  for (const one of own) {
    const words = one.match(/[\p{L}\p{N}]+/gu) ?? []
    if (words.join('').length < MIN_NAME) continue
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${words.join('[\\s._-]*')}(?![\\p{L}\\p{N}])`, 'giu')
    shown = shown.replaceAll(pattern, HIDDEN)
  }
  return shown
}
