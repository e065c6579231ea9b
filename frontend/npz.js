/** @typedef {Float64Array | Float32Array | Int32Array | Uint8Array} NumberArray */

/** @typedef {{values: NumberArray, shape: readonly number[]}} Shaped */

/** @type {Record<string, string>} as numpy names them; typed arrays of the machines that browsers run on are little-endian */
const DTYPES = { Float64Array: '<f8', Float32Array: '<f4', Int32Array: '<i4', Uint8Array: '|u1' };

/**
 * An array as numpy's file format, version 1.0, has it: magic number, header, values in C order.
 * @param {Shaped} array
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function npy({ values, shape }) {
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dtype = DTYPES[values.constructor.name];
  const header = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${dimensions}), }`;
  // Values begin at a multiple of 64 bytes; magic number, version and length take ten, the line break one.
  const padded = `${header}${' '.repeat((64 - ((header.length + 11) % 64)) % 64)}\n`;
  const start = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length & 255, padded.length >> 8);
  return joined([start, new TextEncoder().encode(padded), new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]);
}

/**
 * Arrays under their names, as `numpy.load` reads them: a zip without compression.
 * @param {Record<string, Shaped>} arrays
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function npz(arrays) {
  /** @type {Uint8Array[]} */
  const files = [];
  /** @type {Uint8Array[]} */
  const directory = [];
  let offset = 0;
  for (const [name, array] of Object.entries(arrays)) {
    const content = npy(array);
    const path = new TextEncoder().encode(`${name}.npy`);
    const about = aboutFile(content, path.length);
    const local = joined([little([0x04034b50, 4]), about, path, content]);
    files.push(local);
    directory.push(joined([little([0x02014b50, 4], [20, 2]), about, little([0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]), path]));
    offset += local.length;
  }
  const listed = joined(directory);
  const count = files.length;
  const end = little([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [listed.length, 4], [offset, 4], [0, 2]);
  return joined([...files, listed, end]);
}

/**
 * What both headers of a file in a zip say: version, flags, method, time, date, checksum, sizes, lengths.
 * @param {Uint8Array} content
 * @param {number} nameLength
 */
function aboutFile(content, nameLength) {
  const size = content.length;
  return little([20, 2], [0, 2], [0, 2], [0, 2], [0x21, 2], [crc32(content), 4], [size, 4], [size, 4], [nameLength, 2], [0, 2]);
}

/** @param {...[number, number]} numbers each with its length in bytes */
function little(...numbers) {
  return Uint8Array.from(numbers.flatMap(([value, length]) => Array.from({ length }, (_, i) => (value >>> (8 * i)) & 255)));
}

/**
 * @param {readonly Uint8Array[]} parts
 * @returns {Uint8Array<ArrayBuffer>}
 */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/**
 * The checksum of zip files.
 * @param {Uint8Array} bytes
 * @returns {number}
 */
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = /** @type {number} */ (CRC_TABLE[(crc ^ byte) & 255]) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
