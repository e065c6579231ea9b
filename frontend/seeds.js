/** Seeds that the server takes. */
const LARGEST = 2 ** 31 - 1;

/**
 * Reads "0, 1, 2".
 * @param {string} text
 * @returns {{seeds: number[], problem: string}} each seed once
 */
export function readSeeds(text) {
  const words = text.split(/[\s,;]+/).filter(Boolean);
  if (words.length === 0) return { seeds: [], problem: 'At least one seed is needed, such as 0.' };
  const wrong = words.find((word) => !/^\d+$/.test(word) || Number(word) > LARGEST);
  if (wrong !== undefined) return { seeds: [], problem: `“${wrong}” is no seed: seeds are whole numbers from 0, with commas between them.` };
  return { seeds: [...new Set(words.map(Number))], problem: '' };
}
