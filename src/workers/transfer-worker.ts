/** What the threads of the transfer pool run: one exported function for each job. */
export { checkPieces } from './jobs/disk/check-pieces.ts';
export { copyPieces } from './jobs/disk/copy-pieces.ts';
export { fetch } from './jobs/fetch/fetch.ts';
export { serve } from './jobs/serve/serve.ts';
export { writeTree } from './jobs/disk/tree-writer.ts';

export function warmUp(): void {}
