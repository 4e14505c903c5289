/** How likely a content is to arrive, from 0 to 5: by how many peers that are online offer all of it. */

const healthSteps = [1, 2, 3, 5, 10] as const;

export const maxHealth = healthSteps.length;

export const healthOf = (sources: number): number => healthSteps.filter((step) => sources >= step).length;

/** What the figure means, in words. */
export function healthWords(sources: number): string {
  if (sources === 0) return 'nobody who is online has it';
  if (sources === 1) return 'one peer has it: if that leaves, the download waits for it';
  return `${sources} peers have all of it`;
}
