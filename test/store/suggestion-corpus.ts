/** Searches that find nothing for a slip of the finger, and what is to be suggested instead by every store. */

export const suggestionNames: readonly string[] = [
  '/Music/The Beatles/1969 - Abbey Road/01 Come Together.flac',
  '/Music/Motörhead/Ace of Spades.mp3',
  '/Music/Wu-Tang Clan/C.R.E.A.M..mp3',
  '/Music/Dvořák/Symphony No. 9.flac',
  '/Video/Metropolis (1927) [1080p].mkv',
  '/Video/Night.of.the.Living.Dead.1968.mkv',
  '/Video/Show.S01E02.720p.mkv',
  '/Books/Moby Dick; or, The Whale.epub',
  '/Books/Война и мир.fb2',
  '/Books/Frankenstein.epub',
  '/Code/myFileName.ts',
  '/Pictures/Straße in München.jpg',
  '/Typos/teh end.txt',
];

/** What is typed, and what is suggested; undefined: nothing. */
export const suggestionCases: readonly (readonly [typed: string, suggested: string | undefined])[] = [
  // Neighbours swapped, a letter too many, too few, another
  ['beatels', 'beatles'],
  ['the baetles', 'the beatles'],
  ['metropoliss', 'metropolis'],
  ['metroplis', 'metropolis'],
  ['metropalis', 'metropolis'],
  ['metropalus', 'metropolis'],
  ['metrxxxlis', undefined],
  // At the beginning of a word
  ['ebatles', 'beatles'],
  ['eatles', 'beatles'],
  ['neatles', 'beatles'],
  ['bbeatles', 'beatles'],
  ['frnakenstein', 'frankenstein'],
  // Unfinished
  ['franknst', 'frankenstein'],
  ['abey roa', 'abbey roa'],
  // Several words, only what is wrong
  ['Moby Dikc', 'Moby dick'],
  ['mobby dikc', 'moby dick'],
  ['"moby dikc"', '"moby dick"'],
  ['night living daed 1968', 'night living dead 1968'],
  ['beatels ext:flac', 'beatles ext:flac'],
  ['beatels -live type:audio', 'beatles -live type:audio'],
  ['beatels OR zepelin', 'beatles OR zeppelin'],
  ['beatels | frankenstien', 'beatles | frankenstein'],
  ['wu-tagn', 'wu-tang'],
  // Accents and other alphabets
  ['motorhaed', 'motorhead'],
  ['Mötorhaed', 'motorhead'],
  ['dvorka', 'dvorak'],
  ['strase', 'strasse'],
  ['вона мир', 'воина мир'],
  ['воййна', 'воина'],
  // Numbers are meant as they are
  ['show s01e03', undefined],
  ['metropolis 1928', undefined],
  // The filters are wrong, not the words
  ['beatles type:video', undefined],
  ['beatles -abbey', undefined],
  // Each word alone is known
  ['teh beatles', 'the beatles'],
  ['beatles frankenstein', undefined],
  // Of who is away, and nonsense
  ['zepelin', undefined],
  ['qqqqqq', undefined],
  ['xx', undefined],
];
