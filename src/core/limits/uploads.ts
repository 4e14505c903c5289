/** Uploads, and what the user may set. */

/** Connections to us, those that have not said who they are included. */
export const maxUploadConnections = 256;
export const maxUploadConnectionsPerPeer = 32;
/** From one address: identities cost nothing, addresses do. */
export const maxUploadConnectionsPerHost = 64;
/** So much not yet read by a visitor, and no more of its requests are read: above all send buffers at once. */
export const maxUnreadBytes = 6 * 1024 * 1024;
/** Questions of one visitor that wait: four times the requests that may be open, as some have no answer. */
export const maxWaitingAnswers = 1_024;
/** Of answers to them so much is not read yet, and none is made; one has up to 2 MiB. */
export const maxUnreadAnswerBytes = 1024 * 1024;
/**
 * A visitor that has asked for nothing for so long, or read nothing of what waits for it, is shown out;
 * downloaders leave by themselves much earlier.
 */
export const visitorIdleMs = 120_000;
/** A slot is kept for so long while others wait for one. */
export const slotQuantumMs = 60_000;
export const slotRotateMs = 1_000;
/** How long the library may take for an answer to a visitor. */
export const libraryAnswerTimeoutMs = 15_000;
export const uploadPoolMailbox = 4_096;

/** Each slot has some megabytes of buffers while it is in use. */
export const maxUploadSlots = 64;
export const maxDownloadsAtOnce = 256;
export const maxBlockedPeers = 10_000;
