/** Search and the catalogue stores. */

/** UTF-16 units of a search: the longest file name there is, and some. */
export const maxQueryLength = 256;
/** Words and phrases of a search. Each costs the index one more list to walk. */
export const maxQueryTerms = 24;
/** Alternatives of all words of a search together, which `OR` multiplies: lists of the index that one search walks. */
export const maxQueryAlternatives = 96;
/** Peers that one search names. */
export const maxQueryPeers = 16;
/** Sources shown of one content: more than a download asks at first. */
export const maxSourcesPerResult = 32;
/** Contents asked for at once by id. */
export const maxContentsPerQuestion = 64;
/** Matching rows ranked against one another for every result asked for: newest first, so old ones lose. */
export const candidatesPerResult = 4;
/** A shorter page has the best of as many as one of so many results: who asks for one wants the best. */
export const leastRankedResults = 50;
/** Index hits looked at in one search, those without a live source included: a bound on its time, some 20 ms. */
export const maxSearchHits = 8_000;
/** Rows that the index gave and a closer look refused, as for a phrase of common words: some 5 ms of it. */
export const maxRefusedHits = 500;
/** Of files with the words of a search, but of another type or size, one of so many is told: a power of two. */
export const entriesPerRefusalTold = 64;
/** To read a row takes as long as passing so many of those: 6 µs, and 75 ns each. */
export const entriesPerRow = 80;
/** So many of those are passed before the index is asked for words and type together … */
export const refusedBeforeFacets = 2_000;
/**
 * … where they are more than one of so many files: to pass one takes as long as passing the files between two of them in
 * the index's list of a type, of which every fourth file may be (75 ns, and 7 each).
 */
export const facetFilesPerEntry = 40;
/** All rows that are looked at in that way. */
export const maxRowsBeforeFacets = 1_000;
/**
 * Rows that a catalogue changes in one transaction at most, of all who change something at the same moment: as many
 * again make it hardly cheaper, and nobody else is served meanwhile.
 */
export const maxGroupRows = 8_192;
/**
 * As so many of those rows counts a file that others have already: in large groups it is not cheaper, and while all peers
 * wait for the same transaction, the other threads have nothing to do.
 */
export const knownRowWeight = 8;
/** Rows that a peer adds between two looks at whether somebody waits for what a search finds: some 0.3 ms of work. */
export const rowsBeforeGivingWay = 32;
/** How long who registers sleeps at a time while somebody does. */
export const givingWayMs = 0.5;
/** How long together, before it has to work as long as it goes on sleeping. */
export const maxGivingWayMs = 20;
/** Pages of the index of words that are merged at a time when nothing else is to be done: some 20 ms of it. */
export const mergePages = 256;
/** Words of the index told at once, for what somebody may have meant. */
export const maxWordsLike = 1_000;
/** Words that are told of those with one beginning when a search found nothing and another word is sought … */
export const maxSuggestionWords = 256;
/** … of which so many are tried for one word: some 50 microseconds each. */
export const maxSuggestionHeads = 256;
/** Searches that are tried before nothing is suggested. */
export const maxSuggestionTries = 8;
/** Files that a word may be in and still be taken for another one mistyped, where every word is known. */
export const maxSuspectFiles = 16;
/** How long a tracker looks for what to suggest … */
export const suggestionMs = 150;
/** … as long as that is the only question it has to answer: others would wait for a guess … */
export const calmLookUps = 1;
/** … and as long as a thread spends no more than so many milliseconds on guesses: searches that find nothing are many. */
export const suggestionTime = { perSecond: 50, burst: 2 * suggestionMs };
/** Files of those words that are counted on the way: some 20 ms of it. */
export const maxWordRows = 200_000;
/** Pages of a catalogue (4 KiB) copied at once by a backup; between two such steps everybody else has a turn. */
export const backupStepPages = 256;
/** Files of the peers that a search names, up to which all are looked at instead of asking the index: some 10 ms. */
export const maxWalkedShare = 1_000;
/** Rows of one content, live or not, that are looked through: a licence lies in thousands of folders. */
export const maxRowsSeenPerContent = 2_000;
/** Rows of them that give its names and sources. */
export const maxRowsPerContent = 64;
/** Files of one peer; eD2k servers stop between 5 000 and 100 000. The rest is refused with `limit`. */
export const maxFilesPerShare = 100_000;
/** Beyond so many a peer is told that its share is large; they are listed all the same. */
export const usualFilesPerShare = 50_000;
