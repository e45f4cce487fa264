/** The words that invented names are made of. They don't refer to any real artist or person. */

export const ADJECTIVES =
  'Amber Quiet Paper Hollow Velvet Northern Crooked Salted Copper Drowsy Feathered Gentle Hidden Ivory Lantern Mossy Muted Narrow Opal Patient Rusted Saffron Silent Slow Soft Solar Tidal Tin Unlit Wandering Winter Woolen Brass Cobalt Distant Early Folded Glass Humming Inland Jagged Kindled Lunar Marbled Nimble Orchard Pale Quilted Restless Sunken Thirsty Umber Vacant Weathered Yonder'.split(
    ' ',
  )

export const NOUNS =
  'Harbour Meadow Lighthouse Sparrow Bellows Satellite Compass Teapot Ferry Glacier Heron Island Jigsaw Kettle Ladder Marble Notebook Otter Parade Quarry River Staircase Thicket Umbrella Valley Windmill Accordion Balcony Cartographer Dune Estuary Fjord Greenhouse Horizon Inkwell Jetty Kite Lagoon Mariner Nettle Observatory Pebble Quilt Rowboat Sundial Terrace Undertow Viaduct Walnut Zeppelin Almanac Beekeeper Canopy Driftwood Elevator Footbridge Gazebo Hourglass'.split(
    ' ',
  )

export const GROUPS =
  'Club Society Ensemble Parade Quartet Choir Orchestra Department Trio Collective Radio Workshop Telegraph Bureau'.split(
    ' ',
  )

/** What one does with something. */
export const VERBS =
  'Leaving Counting Borrowing Folding Painting Mending Chasing Growing Losing Finding Carrying Forgetting Burning Learning Unpacking Following Naming Drawing Keeping Stealing'.split(
    ' ',
  )

/** What one does for or until a time. */
export const PASTIMES = 'Waiting Sailing Dancing Driving Singing Sleeping Dreaming Walking Whistling Swimming'.split(
  ' ',
)

/** What comes after "for". */
export const MOMENTS = 'Monday Midnight August Sunrise Winter Tomorrow November Dawn Sunday Autumn Daylight'.split(' ')

/** What comes after "in". */
export const MONTHS = 'January February March April June July August October November December'.split(' ')

export const DAYS = 'Monday Tuesday Thursday Friday Saturday Sunday'.split(' ')

export const NUMBERS = 'Two Three Four Six Seven Nine Ten Eleven Twelve'.split(' ')

export const FIRST_NAMES =
  'Ines Marlow Odile Tobias Noor Elke Ravi Sunniva Mireille Kofi Yuna Leocadia Anselm Wren Ottoline Dario Hanne Ifeoma Jorun Lucian Maribel Nils Oona Pascal Quentin Rosalind Soren Tamsin Ulla Viggo'.split(
    ' ',
  )

/** Invented, so that nobody has them. */
export const SURNAMES =
  'Vantreel Oskarby Tarnowel Hollowmere Quillfeather Estermont Brindleway Lindqvarn Saltmarden Morrowick Fennimoor Kettleby Osterlund-Reyes Amberlin Drosselmark Windlesham-Ode Pellegrave Rookhaven Sorrentide Thistledown Ubermoor Vesperholt Wintergreene Yarrowby'.split(
    ' ',
  )

export const PLACES =
  'Nordholm Vellamar Osterby Quillhaven Tarn Brindle Lowmoor Eastmere Calder Portamble Fenwick Isola Mirrormere Hazelgrove Saltby Windle Larkspur Coldharbour'.split(
    ' ',
  )

export const PLAYLIST_NAMES = [
  'Slow Sunday',
  'Kitchen dancing',
  'Rain on the window',
  'Focus, please',
  'Long drive north',
  'Songs for washing up',
  'Lake swim',
  'Half asleep',
  'First coffee',
  'Train window',
  'Loud and early',
  'Candlelight',
  'Sixty minute run',
  'New this spring',
  'Keepers',
  'Under the duvet',
  'Garden work',
  'Birthday 2019',
  'Late shift',
  'Sing along',
  'Brass & strings',
  'One song per city',
  'Autumn walk',
  'Attic finds',
] as const

/** Shows that a listener hears. */
export const PODCASTS = ['The Slow Commute', 'Liner Notes', 'A Brief History of Small Things'] as const

/** Other people's playlists, which a listener can follow but not read. */
export const FOLLOWED_NAMES = [
  'Harbour Sessions',
  'Deep Listening Club',
  'Acoustic Morning Post',
  'Synth Garden',
  'Folk from Far Away',
  'Tape Hiss Weekly',
  'The Quiet Hour',
  'Ferry Radio',
  'Polar Pop',
] as const
