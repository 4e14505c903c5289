/** Where profiles lie that are given no folder. Apart from what knows a profile's layout: an engine is told its folder. */
import envPaths from 'env-paths';

/** The platform's data directory of Shoal; profiles are folders in it. */
export function dataDirectory(): string {
  return envPaths('shoal', { suffix: '' }).data;
}
