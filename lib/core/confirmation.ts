/** Whether the typed text is the name. Ignores surrounding and repeated spaces and how accents are encoded. */
export function isTyped(typed: string, name: string): boolean {
  return plain(typed) === plain(name)
}

function plain(text: string): string {
  return text.normalize('NFC').trim().replaceAll(/\s+/g, ' ')
}
