/** Reaching peers: calls, and the tracker's side of them. */

/** The token of a call: nobody guesses it while it is good. */
export const callTokenBytes = 16;
/** How long it is good: a question to the tracker, its word to the other side, and a dial over a slow line. */
export const callTokenMs = 30_000;
/** How long the trackers may take to pass on a call. */
export const callAskTimeoutMs = 12_000;
/** How long who was called is waited for once the tracker has told it: as long as it may dial, and a little. */
export const callAnswerMs = 12_000;
/** Calls of ours that nobody has answered yet. */
export const maxOpenCalls = 64;
/** Addresses at which peers were reached that are remembered. */
export const maxReachedPlaces = 1_024;
/** Calls that we answer: a tracker makes nobody dial more strangers than this … */
export const answeredCalls = { perSecond: 1, burst: 30 };
/** … of whom so many have not answered yet. */
export const maxCallersDialled = 16;
/** Calls that are remembered, since each of several trackers may pass on the same. */
export const maxRememberedCalls = 256;

/** How long a peer has been here before it is dialled back: whoever only looks in need not be. */
export const firstProbeMs = 1_000;
/** From the dial to the proved key, when a tracker looks whether a peer can be reached. */
export const dialBackTimeoutMs = 5_000;
/** Peers that are dialled back at once … */
export const maxProbesAtOnce = 16;
/** … how often in all: each costs a TLS handshake, and nobody waits for it … */
export const probes = { perSecond: 20, burst: 40 };
/** … and how often in one network: nobody has a tracker knock at all ports of a host by as many identities. */
export const probesOfNetwork = { perSecond: 0.2, burst: 10 };
/** A peer that can be reached is dialled back again after this; connections to it would show sooner. */
export const reprobeMs = 30 * 60_000;
/** One that cannot be reached is dialled again after this, doubling up to `reprobeMs`: somebody may be at its router. */
export const reprobeUnreachableMs = 2 * 60_000;
/** Peers whose reach is remembered after they have left, so that coming and going costs no dial each time. */
export const maxRememberedProbes = 20_000;
/** How often it is looked who is to be dialled back. */
export const probeLookMs = 1_000;
/** Calls by one network or one identity: a download of a folder calls once, a queue of downloads each peer once. */
export const callsByCaller = { perSecond: 1, burst: 60 };
/** Calls to one peer, by whomever: each makes it dial. */
export const callsToPeer = { perSecond: 1, burst: 30 };
/** How long the store may take to pass on a call to another tracker. */
export const callPostTimeoutMs = 5_000;
/** How often a tracker looks what calls others of its catalogue have left for its peers. */
export const callLettersMs = 500;
/** Calls that wait for one tracker, and how long: whoever calls waits no longer. */
export const maxCallLetters = 256;
export const callLetterMs = 10_000;
/** Callers and called that have used up some of their allowance; more wait until some have it back. */
export const maxCallAllowances = 50_000;
