/** Whether somebody typed a name: blanks around it, the number of blanks in it and the way accents are coded are no matter. */
export function isTyped(typed: string, name: string): boolean {
  return plain(typed) === plain(name)
}

function plain(text: string): string {
  return text.normalize('NFC').trim().replaceAll(/\s+/g, ' ')
}
