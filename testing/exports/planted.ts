/**
 * Personal data as exports contain it. None of it may be found after an import: not on disk, in a database, in a log or in
 * a message. Addresses are for documentation, and nobody has these names.
 */
export const PLANTED = {
  ip: '203.0.113.77',
  ipv6: '2001:db8:77:dead::beef',
  userAgent: 'PlantedAgent/7.7 (planted device)',
  userName: 'planted-pebble-fan',
  email: 'planted.fan@pebbles.example',
  city: 'Plantedham',
  region: 'Planted Shire',
  latitude: '12.777001',
  longitude: '-77.123004',
  metro: 'planted-metro-777',
  platform: 'Planted OS 7.77 (PlantedPhone77)',
  birthday: '1977-07-07',
  card: 'Planted Visa 4777',
  postalCode: 'PL4 N7D',
} as const

/** Those texts that stand in a text. */
export function plantedIn(text: string): string[] {
  return Object.values(PLANTED).filter((secret) => text.includes(secret))
}
