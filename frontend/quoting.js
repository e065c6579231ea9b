/** Control characters, and those that reorder or hide what stands around them. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
const EACH_UNSAFE = new RegExp(UNSAFE, 'gu');

/**
 * A word of a POSIX shell, whatever it contains. Characters that a terminal would act upon, or that
 * cannot be seen, are written as escapes of their UTF-8 bytes (which bash, zsh and ksh know).
 * @param {string} text
 * @returns {string}
 */
export function shellWord(text) {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (!UNSAFE.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  // Octal for the quote and the exclamation mark, too: an interactive bash would look for history.
  return `$'${text.replaceAll('\\', '\\\\').replace(/['!]/g, bytesOf).replace(EACH_UNSAFE, bytesOf)}'`;
}

/** @param {string} character */
function bytesOf(character) {
  return [...new TextEncoder().encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/**
 * JSON in which every character can be seen.
 * @param {unknown} value
 * @returns {string}
 */
export function visibleJson(value) {
  return JSON.stringify(value).replace(EACH_UNSAFE, escaped);
}

/** @param {string} character */
function escaped(character) {
  return Array.from({ length: character.length }, (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
}

/**
 * A Python literal of what JSON can hold.
 * @param {unknown} value
 * @returns {string}
 */
export function pythonLiteral(value) {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(/** @type {object} */ (value));
    return `{${entries.map(([key, item]) => `${pythonLiteral(key)}: ${pythonLiteral(item)}`).join(', ')}}`;
  }
  // Python would read a pair of surrogate escapes as two characters, not as one.
  if (typeof value === 'string') return pythonString(value);
  return String(value);
}

/** @param {string} text */
function pythonString(text) {
  const json = JSON.stringify(text);
  return json.replace(EACH_UNSAFE, (character) => `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`);
}
