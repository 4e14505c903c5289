/* Preloaded: makes the launcher believe that it runs under a Node too old for the program. */
'use strict';
if (!process.env.SHOAL_STAND_IN) {
  Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.0' } });
  process.execve = undefined;
}
