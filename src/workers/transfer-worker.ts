/** What the threads of the transfer pool run: one exported function for each job. */
export { checkPieces } from './jobs/check-pieces.ts';
export { copyPieces } from './jobs/copy-pieces.ts';
export { fetch } from './jobs/fetch.ts';
export { serve } from './jobs/serve.ts';
export { writeTree } from './jobs/tree-writer.ts';

export function warmUp(): void {}
