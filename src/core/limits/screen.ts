/** The terminal UI. */
import { maxSearchResults } from './wire.ts';

/** Measured widths of texts that are kept; all are forgotten when there are more. */
export const maxKeptTextWidths = 8_192;
/** Steps from one look of a cell to another that are kept; all are forgotten when there are more. */
export const maxKeptCellStyles = 1_024;
/** Code points of a name that are shown. */
export const maxShownNamePoints = 512;
/** Marks on one character that are shown: more of them draw over other lines. */
export const maxShownMarks = 3;

/** Slots sorted in one go; such runs are then merged. A run takes about 2 ms. */
export const sortRunSlots = 2_048;
/** Slots merged in one step. */
export const sortStepSlots = 4_096;
/** New rows put into a list one by one; more of them and it is sorted anew, in steps. */
export const maxPlacedAtOnce = 4_096;
/** Lines that stay visible above and below the cursor. */
export const listScrollMargin = 2;
/** So long after the cursor moved no row changes its place. */
export const cursorHoldOffMs = 1_000;
/** Rows change their places at most so often. */
export const resortEveryMs = 1_000;
/** Sorting and filtering work so long at a stretch; then keys are read and the screen is drawn. */
export const listWorkMs = 8;
/** … but so long while less than a page of rows is found: a frame of a few rows costs more than finding others. */
export const listPageMs = 24;
/** While a list is sorted or filtered what is found so far is drawn no sooner than this after what was drawn before. */
export const listFrameMs = 50;
/** Speeds are averages over about so long. */
export const rateAverageMs = 5_000;
export const rateSampleMs = 1_000;
/** Samples of a speed that are kept for its curve. */
export const maxSpeedSamples = 120;
/** From this size on the young generation of a screen of its own grows no further: each collection doubles it at most. */
export const screenYoungBytes = 4 * 1024 * 1024;
/** A screen of its own has its old generation collected when it has grown by this much since the last time. */
export const screenHeapGrowthPercent = 20;
/** An answer with so many rows leaves a screen of its own with more memory than it needs: what is left of it is given back. */
export const largeAnswerRows = 10_000;
/** So long after such an answer, when what it brought is on the screen: it takes a tenth of a second. */
export const tidyAfterMs = 250;
/** Figures on the screen change at most so often. */
export const figuresEveryMs = 500;
/** A bar is redrawn when it has moved by this part: an eighth of a cell of the widest one. */
export const barSteps = 400;
/** The screen is looked at for changes so often at most: bars move so fast. */
export const tickMs = 100;
/** The ticks of slow terminals, and of one whose user has not pressed a key for `quietAfterMs`. */
export const slowTickMs = 200;
export const slowestTickMs = 500;
export const quietAfterMs = 60_000;
/** Painting that takes longer than this, or a write that the terminal takes longer for, slows the ticks down. */
export const slowPaintMs = 20;
export const slowWriteMs = 50;
/** Painting times that are looked at, of which one in twenty may be slow. */
export const watchedPaints = 40;
/** So long without a slow one and the ticks are faster again. */
export const paceRecoveryMs = 10_000;
export const maxInputGraphemes = 1_024;
export const maxInputHistory = 200;
export const maxCompletions = 100;
export const maxMessages = 200;
export const toastInfoMs = 4_000;
export const toastWarningMs = 8_000;
/** Ctrl-C twice within so long quits at once. */
export const forceQuitWithinMs = 2_000;
/** Lines of the log that the UI keeps. */
export const maxShownLogLines = 5_000;
/** How long the engine may take for an answer to the UI. */
export const uiAnswerTimeoutMs = 30_000;
/** How long the cursor waits for a folder that was added to be listed: longer, and the user looks at something else. */
export const addedShareAwaitedMs = 10_000;
/** Downloads that the UI asks for at once; others wait for answers … */
export const uiDownloadsAskedAtOnce = 96;
/** … and all other questions, beside them. Both together stay below what the engine lets a client ask. */
export const uiQuestionsAtOnce = 32;
/** Downloads that may wait, and other questions: every entry of a share that is listed, each with one of its own. */
export const maxUiQuestionsWaiting = 100_000;
/** Bytes of base64 that terminals accept for the clipboard. */
export const maxClipboardBytes = 74_000;

/** Times left that are kept from one drawing to the next: more than any screen has rows. */
export const maxShownEtas = 1_024;
/** The details of a download on the screen are asked for this often. */
export const detailsEveryMs = 1_000;
/** Cancelling downloads of which more than this is on the disk is asked about. */
export const askCancelBytes = 10 * 1024 * 1024;
/** Getting folders of a peer with more files than this together is asked about: a key too many queues a whole share. */
export const askFolderFiles = 20;
/** The same for folders with more bytes than this together. */
export const askFolderBytes = 1024 * 1024 * 1024;

/** Results asked for at once: what a tracker gives at most. */
export const searchLimit = maxSearchResults;
/** Results of one search that the list takes in, page by page. */
export const maxShownResults = 5_000;
/** Rows of results that are kept as objects once they were looked at: some pages of the largest screens. */
export const maxMadeRows = 1_024;
/** A query repeated within this time shows the answer it had. */
export const searchFreshMs = 10_000;
/** Searches whose answers are kept for that. */
export const maxKeptSearches = 8;
/** Saved searches of one profile. */
export const maxSavedSearches = 50;
/** A saved search is repeated this often while the UI runs. */
export const savedSearchEveryMs = 5 * 60_000;
/** Contents of which a saved search remembers that they are not new. */
export const maxKnownPerSearch = 500;
/** Shared files that are known to be here when results are shown. */
export const maxKnownCopies = 100_000;

/** Who is online is asked again this often while it is on the screen. */
export const peersEveryMs = 15_000;
/** Entries of one peer's share that are kept while it is browsed. */
export const maxBrowsedEntries = 50_000;
/** What was uploaded of our own files is asked again this often while it is on the screen. */
export const shareEntriesEveryMs = 2_000;
