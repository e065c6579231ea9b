import { saveBlob } from './save.js';

/** Where a spreadsheet would see a formula, in wide characters too: at the start, and after what it may take for a separator. */
const FORMULA = /(^|[;\t\r\n])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

/**
 * A cell of a CSV file (RFC 4180). Spreadsheets take texts that begin like a formula for one; an
 * apostrophe in front keeps them texts.
 * @param {string | number | null} value
 * @returns {string}
 */
function cell(value) {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = value.replace(FORMULA, "$1'");
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Numbers keep all their digits.
 * @param {(string | number | null)[][]} rows
 * @returns {string}
 */
export function toCsv(rows) {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/**
 * Hands a table to the user as a file.
 * @param {string} name
 * @param {string} text
 */
export function saveText(name, text) {
  // The mark tells spreadsheets that this is UTF-8.
  saveBlob(name, new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }));
}
