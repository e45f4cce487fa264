/**
 * Music as it is in the libraries of people who collect the unusual: scripts from right to left, emoji, titles longer
 * than a page is wide, works in movements, remasters, one-letter names. All of it is invented.
 */

interface Curiosity {
  /** Name of the artist. */
  name: string
  albums: readonly string[]
  tracks: readonly string[]
  /** No pictures, as with small labels and old uploads. */
  hasNoArtwork?: true
  /** As Spotify sends it when it knows only the year. */
  year?: string
}

const SYMPHONY = [
  'I. Allegro ma non troppo',
  'II. Andante sostenuto',
  'III. Scherzo. Presto – Trio',
  'IV. Finale. Adagio',
]
const QUARTET = ['I. Largo', 'II. Vivace', 'III. Intermezzo: Senza misura', 'IV. Allegro molto']

export const CURIOSITIES: readonly Curiosity[] = [
  {
    name: 'אגם שקט',
    albums: ['שירי חורף', 'מים'],
    tracks: ['בוקר על האגם', 'רוח מערבית', 'שיר ערש לסירה', 'הגשם הראשון'],
  },
  {
    name: 'فرقة بحيرة الصباح',
    albums: ['ليالي المرفأ', 'رسائل إلى البحر'],
    tracks: ['يا قمر المرفأ', 'موّال الصباح', 'خطوات على الرمل', 'وداع السفينة'],
  },
  { name: '🌊🦦', albums: ['🌧️ → ☀️', '🫧'], tracks: ['🛶', '🌲🌲🌲', '🦦 (night version) 🌙', '☕️🧣', '🕯️'] },
  { name: 'Ö', albums: ['Ö', 'Ü'], tracks: ['å', 'ä', 'ö (Live in Nordholm)', '…', 'y'], year: '1994' },
  { name: 'K', albums: ['K', 'Kk'], tracks: ['1', '2', '3 (Reprise)', '4', '4½'] },
  {
    name: 'The Committee for the Preservation of Unfinished Staircases',
    albums: [
      'Forty-One Short Pieces Concerning the Weather as Observed from the Third Landing of a House That Was Never Completed',
      'Errata',
    ],
    tracks: [
      'Overture, in Which the Architect Explains at Some Length Why There Will Be No Roof This Year Either',
      'The Carpenter’s Daughter Counts the Steps Twice and Arrives at Different Numbers Both Times',
      'A Short Silence (with Pigeons)',
      'Dance of the Men Who Carry the Piano Up and Are Told, at the Top, to Carry It Down Again',
    ],
  },
  {
    name: 'Aurelio Tramontin (1874–1931); Osterby Philharmonic; Mirrormere Boys’ Choir',
    albums: [
      'Tramontin: Symphony No. 3 in F-sharp Minor, Op. 47 “The Estuary”',
      'Tramontin: Complete Works for Strings, Vol. 12',
    ],
    tracks: SYMPHONY.map((part) => `Symphony No. 3 in F-sharp Minor, Op. 47 “The Estuary”: ${part}`),
    year: '1968',
  },
  {
    name: 'Quillhaven String Quartet',
    albums: ['Lindqvarn: String Quartets Nos. 1, 4 & 5', 'Night Pieces'],
    tracks: QUARTET.map((part) => `String Quartet No. 4, “Letters Not Sent”: ${part}`),
  },
  {
    name: 'Dolly Windlass & Her Harbour Orchestra',
    albums: ['At the Pier Pavilion (Remastered)', 'The Shellac Years, 1927–1934'],
    tracks: [
      'Moonlight on the Mud Flats – 2009 Remaster',
      'Moonlight on the Mud Flats – Take 3, Mono',
      'He Left Me for a Lighthouse (feat. The Saltby Sisters)',
      'Foxtrot No. 9 – From “The Reluctant Harbourmaster”',
    ],
    hasNoArtwork: true,
    year: '1929',
  },
  {
    name: '湖畔喫茶店',
    albums: ['雨の日の音楽', 'みずうみ'],
    tracks: ['窓辺のピアノ', '傘を忘れた日', '五時のサイレン', '湖畔喫茶店のテーマ (Instrumental)'],
  },
  {
    name: 'Хор на краю озера',
    albums: ['Зимние песни', 'Лодки'],
    tracks: ['Лёд трещит', 'Три лодки', 'Колыбельная ветра', 'Дорога домой'],
  },
  { name: 'ΝΗΣΙΔΑ', albums: ['Αλμυρό φως', 'ΝΗΣΙΔΑ'], tracks: ['Μελτέμι', 'Το καΐκι', 'Ασβέστης', 'Σιωπή (Live)'] },
  {
    name: 'b a s i n',
    albums: ['s i l t', 'd e l t a'],
    tracks: ['i n f l o w', 's e d i m e n t', 'o u t f l o w', 'd r y'],
  },
  {
    name: 'DJ Null & the Undefined',
    albums: ['NaN', '404: Sleep'],
    tracks: ['null', 'undefined (true mix)', '=SUM(Us)', '\\o/', '<3'],
  },
  {
    name: '“Uncle” Bertil’s Accordion & Fish',
    albums: ['Live at the Herring Festival', 'Live at the Herring Festival, Vol. 2 (Louder)'],
    tracks: [
      'Polka “Bertil” (Live)',
      'Waltz for a Cod (Live)',
      'Crowd Announcement: Somebody’s Lights Are On (Live)',
      'Polka “Bertil” (Encore) (Live)',
    ],
    hasNoArtwork: true,
  },
  {
    name: 'Mø̈ren',
    albums: ['Tåkeferd', 'Svartmyr'],
    tracks: ['Ved fjordens ende', 'Nattvandring (Instrumental)', 'Is', 'Tåkeferd, Pt. II'],
  },
  {
    name: 'Rain Sounds for Tired Otters',
    albums: ['Ten Hours of Light Rain', 'Rain, Slightly Heavier'],
    tracks: ['Light Rain, Pt. 1', 'Light Rain, Pt. 2', 'Light Rain, Pt. 3', 'Light Rain, Pt. 4 (with Distant Thunder)'],
  },
  {
    name: 'Fenwick Primary School, Class 3B',
    albums: ['Songs About Vegetables'],
    tracks: ['The Potato Song', 'Leek! Leek! Leek!', 'Who Ate the Peas?', 'The Potato Song (Teachers’ Version)'],
    hasNoArtwork: true,
  },
  { name: '///', albums: ['\\\\\\', '|||'], tracks: ['/', '//', '/// – Radio Edit', '////'] },
  {
    name: 'Professor Alma Ixworth',
    albums: ['How to Identify Gulls by Ear'],
    tracks: ['Introduction', 'Gull 1: Alarm Call', 'Gull 2: The Long Complaint', 'Gull 1 and Gull 2 Together'],
    year: '1957',
  },
  {
    name: 'Coro Alpino di Valsorda',
    albums: ['Canti della sera', 'Quel mazzolin di nebbia'],
    tracks: ['La nebbia a gli irti prati', 'Ninna nanna del pastore', 'Addio, mia valle', 'Quel mazzolin di nebbia'],
  },
  {
    name: 'Tarn, Tarn & Tarn',
    albums: ['Tarn', 'Tarn (Deluxe Edition)'],
    tracks: ['Tarn', 'Tarn (Demo)', 'Tarn (Live)', 'Tarn (Tarn Remix)'],
  },
  {
    name: 'Lê Hồ Mây',
    albums: ['Sương trên hồ'],
    tracks: ['Thuyền giấy', 'Mưa đầu mùa', 'Sương trên hồ', 'Ru con bên nước'],
  },
  { name: 'हिमझील', albums: ['धुंध', 'नाव'], tracks: ['पहली बर्फ़', 'नाव चली', 'धुंध में दीप', 'घर की ओर'] },
]
