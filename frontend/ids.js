/**
 * The id of a run as it stands in an address.
 * @param {string} text
 */
export function decodeId(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
