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
  'Club Society Ensemble Parade Quartet Choir Orchestra Department Committee Trio Collective Radio Workshop Telegraph Bureau Assembly'.split(
    ' ',
  )

export const SYLLABLES =
  'va lo mi ren tas ori ka vel du nai sol fen bri quo zel tam eru lys mar oda pim rho sve tul ixa yon wex hal jun cor'.split(
    ' ',
  )

export const VERBS =
  'Waiting Leaving Counting Borrowing Folding Humming Drifting Painting Mending Chasing Growing Losing Finding Carrying Forgetting Sailing Burning Learning Whistling Unpacking'.split(
    ' ',
  )

export const MOMENTS =
  'Monday Midnight August Sunrise Winter Tomorrow Evening April Noon November Dawn Sunday Autumn Daylight Yesterday Twilight'.split(
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
